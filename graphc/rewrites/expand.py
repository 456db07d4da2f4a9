"""An operation that is defined by others is replaced by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphc.dataflow import Node
from graphc.explaining import explained
from graphc.rules import define, rule_of

if TYPE_CHECKING:
    from graphc.rewrite import Simplifier


def rewrite(draft: Simplifier, node: Node) -> int | None:
    """The node of the definition, or None if the operation has none."""
    if node.op is None or not node.op.definition:
        return None
    outer = draft.origin
    if not outer.rule and not node.op.hidden:
        shapes = tuple(draft[operand].shape for operand in node.operands)
        definitions = rule_of(node.op.definition, shapes, node.attributes)
        shown = [node.op.result]
        rule = explained(node.op, node.attributes, definitions, shown, draft.labels)
        draft.origin = outer._replace(rule=rule)
    key = define(node.op, node.operands, node.attributes, draft, draft.dtype)
    draft.origin = outer
    return key

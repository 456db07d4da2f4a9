"""An operation that is defined by others is replaced by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphc.dataflow import Node
from graphc.rules import define

if TYPE_CHECKING:
    from graphc.rewrite import Simplifier


def rewrite(draft: Simplifier, node: Node) -> int | None:
    """The node of the definition, or None if the operation has none."""
    if node.op is None or not node.op.definition:
        return None
    return define(node.op, node.operands, node.attributes, draft, draft.dtype)

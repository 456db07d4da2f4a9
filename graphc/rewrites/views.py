"""Views kept shallow: one of a single number is that number, spread; a long chain is copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphc.book import book
from graphc.dataflow import Node

if TYPE_CHECKING:
    from graphc.rewrite import Simplifier

DEEPEST = 8  # views of views that a reader spells out


def rewrite(draft: Simplifier, node: Node) -> int | None:
    """What replaces a view of a single number, or of too many views; else None."""
    if node.op is None or not node.op.view or node.op.flat:
        return None
    spread, (key,) = book().roles["spread"], node.operands
    operand = inner = draft[key]
    if operand.op is spread and not draft[operand.operands[0]].shape:
        return draft.add(spread, operand.operands, {"shape": node.shape})
    if not operand.shape:
        return draft.add(spread, node.operands, {"shape": node.shape})
    for _ in range(DEEPEST):
        if inner.op is None or not inner.op.view:
            return None
        inner = draft[inner.operands[0]]
    copy = Node(-1, operand.shape, spread, (key,), {"shape": operand.shape}, origin=draft.origin)
    return draft.add(node.op, (draft.place(copy),), node.attributes)

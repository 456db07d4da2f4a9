"""A broadcast that its reader would do anyway is left to the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphc.book import book
from graphc.dataflow import Node
from graphc.dims import Mismatch, Solver
from graphc.shaping import broadcast

if TYPE_CHECKING:
    from graphc.rewrite import Simplifier


def rewrite(draft: Simplifier, node: Node) -> int | None:
    """The node that reads the operand as it was before it was spread, or None."""
    spread = book().roles["spread"]
    if node.op is spread:
        (operand,) = node.operands
        if draft[operand].shape == node.shape:
            return operand
        return _again(draft, node, 0) if draft[operand].op is spread else None
    if node.op is None or not node.op.elementwise:
        return None
    for place, operand in enumerate(node.operands):
        if draft[operand].op is spread:
            narrow = [draft[key].shape for key in node.operands]
            narrow[place] = draft[draft[operand].operands[0]].shape
            try:
                fits = broadcast(Solver(), tuple(narrow), {}) == node.shape
            except Mismatch:
                continue
            if fits:
                return _again(draft, node, place)
    return None


def _again(draft: Simplifier, node: Node, place: int) -> int:
    assert node.op is not None
    operands = list(node.operands)
    operands[place] = draft[operands[place]].operands[0]
    return draft.add(node.op, operands, node.attributes)

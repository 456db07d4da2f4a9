"""A transpose of a transpose is one, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphc.book import book
from graphc.dataflow import Node

if TYPE_CHECKING:
    from graphc.rewrite import Simplifier


def rewrite(draft: Simplifier, node: Node) -> int | None:
    """The node that takes the axes in their order at once, or None."""
    if node.op is not book().roles["permute"]:
        return None
    (key,) = node.operands
    if draft[key].op is not node.op:
        return None
    (origin,) = draft[key].operands
    outer, inner = _axes(node), _axes(draft[key])
    axes = tuple(inner[axis] for axis in outer)
    if axes == tuple(range(len(axes))):
        return origin
    return draft.add(node.op, [origin], {"axes": axes})


def _axes(node: Node) -> tuple[int, ...]:
    """The order of axes; without one, reversed."""
    return tuple(node.attributes["axes"] or reversed(range(len(node.shape))))

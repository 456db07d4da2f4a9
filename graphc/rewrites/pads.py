"""Gradients of neighbouring slices are joined, not added up as arrays that are mostly zeros."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphc.book import book
from graphc.dataflow import Node

if TYPE_CHECKING:
    from graphc.rewrite import Simplifier


def rewrite(draft: Simplifier, node: Node) -> int | None:
    """The join that gives the sum of two paddings, or the operand of one without zeros; or None."""
    roles = book().roles
    pad = roles["pad"]
    if node.op is pad and (node.attributes["start"], node.attributes["stop"]) == (
        0,
        node.attributes["total"],
    ):
        return node.operands[0] if node.attributes["step"] == 1 else None
    if node.op is not roles["accumulate"]:
        return None
    parts = [draft[key] for key in node.operands]
    if any(part.op is not pad or part.attributes["step"] != 1 for part in parts):
        return None
    for left, right in (parts, parts[::-1]):
        axis, total, end = (left.attributes[name] for name in ("axis", "total", "stop"))
        if (axis, total, end) == tuple(
            right.attributes[name] for name in ("axis", "total", "start")
        ):
            joined = _joined(draft, [*left.operands, *right.operands], axis)
            return draft.add(pad, [joined], {**left.attributes, "stop": right.attributes["stop"]})
    return None


def _joined(draft: Simplifier, operands: Sequence[int], axis: int) -> int:
    """The operands one behind the other; those that are joined so themselves are taken apart."""
    join, parts = book().roles["join"], list[int]()
    for key in operands:
        node = draft[key]
        inner = (
            node.op is not None and node.op.role == join.role and node.attributes["axis"] == axis
        )
        parts += node.operands if inner else [key]
    return draft.add(join.at(len(parts)), parts, {"axis": axis})

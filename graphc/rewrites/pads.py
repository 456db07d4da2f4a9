"""Gradients of neighbouring slices are joined, not added up as arrays that are mostly zeros."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    """The operands one behind the other."""
    key = draft.add(book().roles["join"].at(len(operands)), operands, {"axis": axis})
    draft.joined.add(key)
    return key


def flatten(draft: Simplifier, roots: Iterable[int]) -> None:
    """Makes one join of each join of joins in what `roots` need.

    At the end, for joins grow part by part: to copy all parts each time would take their square.
    """
    todo, seen = [*roots] if draft.joined else [], {*roots}
    for key in todo:
        node = draft[key]
        if key in draft.joined:
            parts = _parts(draft, node)
            node = node._replace(op=book().roles["join"].at(len(parts)), operands=parts)
            draft.nodes[key] = node
        todo += [one for one in dict.fromkeys(node.operands) if one not in seen]
        seen.update(node.operands)


def _parts(draft: Simplifier, whole: Node) -> tuple[int, ...]:
    """What a join is made of, all the way down through others that this file has made."""
    role, found, todo = book().roles["join"].role, list[int](), [*reversed(whole.operands)]
    while todo:
        key = todo.pop()
        node = draft[key]
        inner = node.op is not None and node.op.role == role and node.attributes == whole.attributes
        if inner and key in draft.joined:
            todo += reversed(node.operands)
        else:
            found += node.operands if inner else [key]
    return tuple(found)

"""A single number looked at in another shape is that number, spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphc.dataflow import Node
from graphc.op import book

if TYPE_CHECKING:
    from graphc.rewrite import Simplifier


def rewrite(draft: Simplifier, node: Node) -> int | None:
    """The number in the view's shape, or None if the view is of an array with axes."""
    if node.op is None or not node.op.view or draft[node.operands[0]].shape:
        return None
    return draft.add(book().roles["spread"], node.operands, {"shape": node.shape})

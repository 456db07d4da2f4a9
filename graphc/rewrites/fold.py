"""An operation on numbers alone is computed now."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from graphc.constants import namespace
from graphc.dataflow import Node
from graphc.dims import Dim
from graphc.op import text

if TYPE_CHECKING:
    from graphc.rewrite import Simplifier


def rewrite(draft: Simplifier, node: Node) -> int | None:
    """The number, or None if an operand or the result is none, or is not finite."""
    if node.op is None or node.shape or not node.operands:
        return None
    numbers = [draft[operand].number for operand in node.operands]
    if any(value is None or isinstance(value, Dim) for value in numbers):
        return None
    import numpy as np

    meaning = text(node.op.meaning, ((),) * len(numbers), node.attributes)
    values = {name: repr(value) for name, value in node.attributes.items()}
    values |= zip(node.op.names, (f"float64({value!r})" for value in numbers), strict=True)
    try:
        with np.errstate(all="ignore"):
            result = float(eval(meaning.format(**values), dict(namespace(node.op))))
    except (ArithmeticError, TypeError):
        return None
    return draft.number(result) if math.isfinite(result) else None

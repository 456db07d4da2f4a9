"""An operation on numbers alone is computed now; a sum of one number is that number."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from graphc.constants import namespace
from graphc.dataflow import Node
from graphc.dims import Dim
from graphc.op import Op, text

if TYPE_CHECKING:
    from graphc.rewrite import Simplifier


def rewrite(draft: Simplifier, node: Node) -> int | None:
    """The number, or the operand that is all there is to it; else None.

    It must be finite: what is not is left to the module.
    """
    if node.op is None or node.shape or not node.operands:
        return None
    shapes = tuple(draft[operand].shape for operand in node.operands)
    if text(node.op.meaning, shapes, node.attributes) == f"{{{node.op.names[0]}}}":
        return node.operands[0]
    numbers = [draft[operand].number for operand in node.operands]
    if any(value is None or isinstance(value, Dim) for value in numbers):
        return None
    # 1 - 0.9 is 0.1, as people write it; quotients and powers have no end of digits
    exact = node.op.symbol in {"+", "-", "*"}
    plain = node.op.symbol and node.op.elementwise  # Python's own are the same as NumPy's
    kind = "Decimal" if exact else "float" if plain else "float64"
    values = {name: repr(value) for name, value in node.attributes.items()}
    values |= zip(node.op.names, (f"{kind}('{value!r}')" for value in numbers), strict=True)
    words = text(node.op.meaning, ((),) * len(numbers), node.attributes).format(**values)
    try:
        result = float(eval(words, {"Decimal": Decimal})) if plain else _by_numpy(node.op, words)
    except (ArithmeticError, TypeError):
        return None
    return draft.number(result) if math.isfinite(result) else None


def _by_numpy(op: Op, words: str) -> float:
    import numpy as np  # which most models do not need to be compiled

    with np.errstate(all="ignore"):
        return float(eval(words, dict(namespace(op))))

"""Numbers known before any data: what an operation on them gives, and what a dtype holds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from graphc.op import Attributes, Op, text

# what the emitted module has as arrays: NumPy takes an array twice as fast as a Python number
WORDS = {"zero": 0, "one": 1, "two": 2, "half": 0.5}
DIGITS = re.compile(r"_(\d|minus_\d)")  # how what `word` gives begins
LARGEST_EXPONENT = {"float32": 88.0, "float64": 709.0}  # below which exp stays finite
DTYPES = ("float32", "float64")
INFINITY = {"float32": 3.4028235677973366e38, "float64": float("inf")}  # what rounds to infinity


def word(number: float) -> str:
    """What a number without a word of its own is called as an array: `_0_9`."""
    digits = repr(number).replace("e+", "e").replace("e-", "e_").replace("-", "minus_")
    return f"_{digits.replace('.', '_')}"


@cache
def namespace(op: Op) -> Mapping[str, Any]:
    """What the code and meaning of an operation can refer to: NumPy, `math` and its helpers.

    `DTYPE` is the precision of the emitted module.
    """
    import numpy as np

    found: dict[str, Any] = {**vars(np), "np": np, "math": math, "DTYPE": np.float64}
    found |= {word: np.array(number) for word, number in WORDS.items()}
    exec(op.helper, found)
    return found


def value(op: Op, numbers: Sequence[float], attributes: Attributes) -> float | None:
    """What an operation gives for numbers, maybe infinite or nan; None if it takes more to know."""
    if not op.elementwise or not op.meaning:
        return None
    import numpy as np

    names = {name: np.float64(number) for name, number in zip(op.names, numbers, strict=True)}
    with np.errstate(all="ignore"):
        meaning = text(op.meaning, ((),) * len(names), attributes)
        meaning = meaning.format(**{name: name for name in names}, **attributes)
        return float(eval(meaning, dict(namespace(op)), names))


def wrong(number: float, dtype: str) -> str:
    """What is wrong with a number in a dtype, or the empty string."""
    if number != number:
        return "has no value"
    if abs(number) == float("inf"):
        return "has no finite value"
    return f"is too large for {dtype}" if abs(number) >= INFINITY[dtype] else ""

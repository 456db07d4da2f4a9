"""Numbers and arrays as text: a few digits, small arrays whole, large ones by least and most."""

from __future__ import annotations

import numpy as np

from graphc.traced.evaluating import Array

WHOLE = 1e7  # below which whole numbers are written out
MOST = 12  # numbers of an array that is shown whole
GAP = 2  # between the columns of one


def shown(number: float, digits: int = 4) -> str:
    """A number in a few digits: `-12`, `0.3333`, `1.5e-07`."""
    number = float(number)
    if number.is_integer() and abs(number) < WHOLE:
        return str(int(number))
    return f"{number:.{digits}g}"


def summary(array: Array) -> str:
    """The least, the largest and the mean number of a large array."""
    numbers = array.astype(np.float64)
    with np.errstate(all="ignore"):
        least, most, mean = numbers.min(), numbers.max(), numbers.mean()
        rounding = 8 * np.finfo(array.dtype if array.dtype.kind == "f" else float).eps
        if abs(mean) < rounding * max(abs(least), abs(most)):
            mean = np.float64(0)
    if least == most:
        return f"all {shown(least, 3)}"
    return f"{shown(least, 3)} to {shown(most, 3)}, mean {shown(mean, 3)}"


def cells(array: Array) -> list[list[str]] | None:
    """The numbers of a small array in rows; None of one that is summed up.

    What has one column is written as a row, where its shape stands beside it.
    """
    if not array.ndim:
        return [[shown(array.item())]]
    if not 0 < array.size <= MOST:
        return None
    flat = array.shape[-1] == 1
    rows = array.reshape(1, -1) if flat else array.reshape(-1, array.shape[-1])
    return [[shown(one, 4 if array.size == 1 else 3) for one in row] for row in rows]


def lines(array: Array, width: int) -> list[str]:
    """An array for a terminal: a line for each row; a single row is broken at `width`.

    One that is large, or whose rows would not stay rows, is summed up.
    """
    rows = cells(array)
    if rows is None:
        return _broken(summary(array) if array.size else "nothing", width)
    cell = max(len(one) for row in rows for one in row)
    fits = max((width + GAP) // (cell + GAP), 1)
    if len(rows) > 1 and fits < len(rows[0]):
        return _broken(summary(array), width)
    return [
        (" " * GAP).join(f"{one:>{cell}}" for one in row[start : start + fits])
        for row in rows
        for start in range(0, len(row), fits)
    ]


def _broken(words: str, width: int) -> list[str]:
    """A text in two lines if it is too long for one."""
    return [words] if len(words) <= width else words.replace(", ", ",\n").split("\n")

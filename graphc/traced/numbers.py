"""Numbers and arrays as text: a few digits, small arrays whole, large ones by least and most."""

from __future__ import annotations

import math

import numpy as np

from graphc.traced.evaluating import Array

WHOLE = 1e7  # below which whole numbers are written out
SMALL = 24  # numbers of an array that is shown whole
ASKED = 120  # of one that is asked for by name
ROW = 12  # of one row, which may be broken into lines
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


def lines(array: Array, width: int, most: int = SMALL) -> list[str]:
    """An array for a terminal: a line for each row, of a column of numbers one line if it fits.

    Rows are broken at `width`; what has more than `most` numbers is summed up.
    """
    if not 0 < array.size <= most:
        return _broken(summary(array) if array.size else "nothing", width)
    rows, many, cell = _cells(array, width)
    broken = len(rows[0]) > many
    if broken and len(rows) > 1:  # in equal parts, the others a little to the right
        many = max(width // (cell + GAP), 1)
        many = math.ceil(len(rows[0]) / math.ceil(len(rows[0]) / many))
    return [
        " " * (GAP if start and len(rows) > 1 else 0)
        + (" " * GAP).join(f"{one:>{cell}}" for one in row[start : start + many])
        for row in rows
        for start in range(0, len(row), many)
    ]


def fits(array: Array, width: int, most: int = SMALL) -> bool:
    """Whether an array that is shown whole stands well in a width: short rows may be broken."""
    if not 0 < array.size <= most:
        return True
    rows, many, _ = _cells(array, width)
    return len(rows[0]) <= many or (len(rows) == 1 and array.size <= ROW)


def _cells(array: Array, width: int) -> tuple[list[list[str]], int, int]:
    """The numbers of an array in rows; how many of them fit in a line, and how wide each is."""
    digits = 4 if array.size == 1 else 3
    rows = array.reshape(-1, array.shape[-1] if array.ndim else 1)
    found = [[shown(one, digits) for one in row] for row in rows]
    cell = max(len(one) for row in found for one in row)
    many = max((width + GAP) // (cell + GAP), 1)
    if rows.shape[1] == 1 and len(rows) <= many:
        found = [[one for row in found for one in row]]
    return found, many, cell


def _broken(words: str, width: int) -> list[str]:
    """A text in two lines if it is too long for one."""
    return [words] if len(words) <= width else words.replace(", ", ",\n").split("\n")

"""An array on a page: a small one in numbers, a large one as a picture of them."""

from __future__ import annotations

import base64
from html import escape

import numpy as np

from graphc.traced.evaluating import Array
from graphc.traced.figure import minus
from graphc.traced.numbers import SMALL, shown, summary

COLUMNS, ROWS = 12, 8  # of numbers that are written out
SIDE = 64  # most squares of a picture on each side


def told(array: Array) -> str:
    """The numbers of an array as HTML."""
    if not array.ndim:
        return f'<p class="number">{minus(shown(array.item(), 6))}</p>'
    if not array.size:
        return '<p class="number">nothing</p>'
    if table := whole(array):
        return table
    picture = heat(array.reshape(-1, array.shape[-1])) if array.any() else ""
    return f'<p class="number">{escape(minus(summary(array)))}</p>{picture}'


def whole(array: Array) -> str:
    """A small array as a table of its numbers; nothing of a large one or a number.

    A long row stands in several.
    """
    if not array.ndim or not array.size:
        return ""
    rows = [*array.reshape(-1, array.shape[-1])]
    if len(rows) == 1 and array.size <= SMALL:
        rows = [rows[0][start : start + ROWS] for start in range(0, array.size, ROWS)]
    if len(rows) > ROWS or len(rows[0]) > COLUMNS:
        return ""
    cells = (f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<table class="numbers">{"".join(cells)}</table>'


def _cell(number: float) -> str:
    return f"<td>{minus(shown(number, 4))}"


def heat(array: Array) -> str:
    """A matrix as squares: from the least negative to the most positive in 255 shades.

    What has more than `SIDE` rows or columns is shown by the largest of neighbours.
    """
    small = _shrunk(_shrunk(array.astype(np.float64), 0), 1)
    with np.errstate(all="ignore"):
        largest = float(np.abs(small).max()) or 1.0
        shades = np.nan_to_num(np.rint(127 * small / largest)).clip(-127, 127).astype(np.int8)
    rows, columns = shades.shape
    text = base64.b64encode(shades.tobytes()).decode()
    size = f'width="{columns}" height="{rows}"'
    words = f"{array.shape[0]} rows of {array.shape[1]} numbers as colours"
    name = f'role="img" aria-label="{words}"'
    caption = f"blue is negative, red is positive, up to {shown(largest, 3)}"
    picture = f'<canvas class="heat" {size} data-heat="{text}" {name}></canvas>'
    return f'{picture}<p class="soft">{caption}</p>'


def _shrunk(array: Array, axis: int) -> Array:
    """An array whose axis has at most `SIDE` places, each the largest of neighbours in size."""
    if array.shape[axis] <= SIDE:
        return array
    parts = np.array_split(array, SIDE, axis)
    ends = [(part.max(axis), part.min(axis)) for part in parts]
    return np.stack([np.where(high >= -low, high, low) for high, low in ends], axis)

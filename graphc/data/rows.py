"""Rows: how many there are, some of them, and some set aside to test on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphc.data.errors import DataError

if TYPE_CHECKING:
    from graphc.model import Data

BLOCK = 4096  # rows that move at once

Arrays = tuple[NDArray[Any], ...]


def batch_axes(data: Data) -> tuple[int, ...]:
    """The axes of `data` that count rows: those of the dimension called `batch`."""
    return tuple(axis for axis, dimension in enumerate(data.shape) if dimension == "batch")


def row_count(data: Sequence[Data], arrays: Sequence[NDArray[Any]]) -> int | None:
    """The size of the dimension `batch`; None for a model whose data has none."""
    for entry, array in zip(data, arrays, strict=True):
        for axis in batch_axes(entry):
            return int(array.shape[axis])
    return None


def take(data: Sequence[Data], arrays: Sequence[NDArray[Any]], rows: NDArray[np.intp]) -> Arrays:
    """The given rows of each array; an array without a batch axis is returned as it is."""
    taken = []
    for entry, array in zip(data, arrays, strict=True):
        for axis in batch_axes(entry):
            array = array.take(rows, axis)
        taken.append(array)
    return tuple(taken)


def split(
    data: Sequence[Data], arrays: Sequence[NDArray[Any]], holdout: float, seed: int
) -> tuple[Arrays, Arrays | None]:
    """Set the fraction `holdout` of the rows aside: (rows to train on, rows held out).

    Which rows depends on their number, `holdout` and `seed` alone; both parts keep the order of
    the file. The second part is None if `holdout` is 0 or the data has no batch axis. The arrays
    are used up: the rows to train on move to their front, for a copy could be as large as memory.

    Raises `DataError` if there are too few rows for two parts.
    """
    count = row_count(data, arrays)
    if holdout == 0 or count is None:
        return tuple(arrays), None
    if count < 2:
        raise DataError("1 row cannot be split into a part to train on and a part held out")
    held = min(max(round(count * holdout), 1), count - 1)
    aside = np.sort(np.random.default_rng(seed).permutation(count)[:held])
    apart = take(data, arrays, aside)
    kept = np.ones(count, np.bool_)
    kept[aside] = False
    rest = [
        _front(array, kept)
        if batch_axes(entry) == (0,)
        else take([entry], [array], np.flatnonzero(kept))[0]
        for entry, array in zip(data, arrays, strict=True)
    ]
    return tuple(rest), apart


def _front(array: NDArray[Any], kept: NDArray[np.bool_]) -> NDArray[Any]:
    """The rows that are kept, moved to the front of the array."""
    end = 0
    for start in range(0, len(array), BLOCK):
        block = array[start : start + BLOCK][kept[start : start + BLOCK]]
        array[end : end + len(block)] = block
        end += len(block)
    return array[:end]

"""What the model answers on rows whose answers are known, as a report compares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphc.data.columns import cell_names
from graphc.data.rows import batch_axes
from graphc.reported.report import Confusion, Fit
from graphc.training.meter import Arrays, class_output

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphc.model import Data

COLUMNS = 4  # of a target, that are drawn apart; more are drawn as one


def confusion(
    data: Sequence[Data], arrays: Arrays, outputs: Any, labels: Mapping[str, Sequence[str]]
) -> Confusion | None:
    """The classes of the first integer target against those whose score is largest.

    None if no output scores them. `labels` are the names of classes, by target.
    """
    place = class_output(data, arrays, outputs)
    if place is None:
        return None
    target, right = next(
        (entry, array)
        for entry, array in zip(data, arrays, strict=True)
        if entry.kind == "target" and entry.integer
    )
    scores = _all(outputs)[place]
    known = labels.get(target.name, ())
    names = [*known, *map(str, range(len(known), scores.shape[-1]))]
    return _counted(target.name, names, right, scores.argmax(axis=-1))


def fits(
    data: Sequence[Data], arrays: Arrays, outputs: Any, columns: Mapping[str, Sequence[str]]
) -> list[Fit]:
    """The columns of real targets, each with those of an output of its shape.

    `columns` are their names, by target.
    """
    left = _all(outputs)
    found = []
    for entry, array in zip(data, arrays, strict=True):
        if entry.kind == "target" and not entry.integer:
            alike = [place for place, one in enumerate(left) if one.shape == array.shape]
            if alike:
                found += _columns(entry, array, left.pop(alike[0]), columns.get(entry.name, ()))
    return found


def _columns(
    entry: Data, actual: NDArray[Any], predicted: NDArray[Any], named: Sequence[str]
) -> Iterator[Fit]:
    """The columns of a target, or all its values if they are many or its rows are not first."""
    size = actual[0].size if actual.ndim and len(actual) else 0
    if batch_axes(entry) != (0,) or not 0 < size <= COLUMNS:
        yield Fit(entry.name, actual.ravel(), predicted.ravel())
        return
    names = named if len(named) == size else cell_names(entry.name, actual.shape[1:])
    flat = (array.reshape(len(actual), size) for array in (actual, predicted))
    for name, right, told in zip(names, *(one.T for one in flat), strict=True):
        yield Fit(name, right, told)


def _counted(
    target: str, names: Sequence[str], right: NDArray[Any], told: NDArray[Any]
) -> Confusion:
    pairs = right.ravel().astype(np.int64) * len(names) + told.ravel()
    found, counts = np.unique(pairs, return_counts=True)
    return Confusion(target, names, found // len(names), found % len(names), counts)


def _all(outputs: Any) -> list[NDArray[Any]]:
    values = outputs.values() if isinstance(outputs, dict) else [outputs]
    return [np.asarray(value) for value in values]

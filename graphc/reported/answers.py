"""What the model answers on rows whose answers are known, as a report compares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphc.data.columns import cell_names
from graphc.data.output import Outputs
from graphc.data.rows import Arrays, batch_axes
from graphc.reported.report import Confusion, Fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphc.model import Data
    from graphc.training.metrics import Classes, Task
    from graphc.training.notes import Notes

COLUMNS = 4  # of a target, that are drawn apart; more are drawn as one


def answers(
    tasks: Sequence[Task], data: Sequence[Data], arrays: Arrays, outputs: Outputs, notes: Notes
) -> tuple[list[Confusion], list[Fit]]:
    """Classes and numbers that were predicted, with those that are right: of each task its own.

    The names of classes and columns are those of the notes.
    """
    confusions: list[Confusion] = []
    fits: list[Fit] = []
    for task in tasks:
        entry, right, told = data[task.data], arrays[task.data], outputs[task.output]
        if task.classify is not None:
            confusions.append(_confusion(entry, task.classify(told, right), notes))
        else:
            fits += _fits(entry, right, told.reshape(right.shape), notes.columns)
    return confusions, fits


def _confusion(entry: Data, classes: Classes, notes: Notes) -> Confusion:
    """How often which class was predicted for which."""
    told, right, size = classes
    known = notes.classes.get(entry.name, ())
    columns = notes.columns.get(entry.name, ())
    if not entry.integer and len(columns) == size:  # each a class, of which one is 1
        known = columns
    names = [*known, *map(str, range(len(known), size))]
    pairs = right.ravel().astype(np.int64) * size + told.ravel()
    found, counts = np.unique(pairs, return_counts=True)
    return Confusion(entry.name, names, found // size, found % size, counts)


def _fits(
    entry: Data,
    actual: NDArray[Any],
    predicted: NDArray[Any],
    columns: Mapping[str, Sequence[str]],
) -> Iterator[Fit]:
    """The columns of a target, or all its values if they are many or its rows are not first."""
    size = actual[0].size if actual.ndim and len(actual) else 0
    if batch_axes(entry) != (0,) or not 0 < size <= COLUMNS:
        yield Fit(entry.name, actual.ravel(), predicted.ravel())
        return
    named = columns.get(entry.name, ())
    names = named if len(named) == size else cell_names(entry.name, actual.shape[1:])
    flat = (array.reshape(len(actual), size).T for array in (actual, predicted))
    for name, right, told in zip(names, *flat, strict=True):
        yield Fit(name, right, told)

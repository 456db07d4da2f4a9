"""Advice on data: columns that are far too large, classes that never occur."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphc.training.evidence import Evidence

if TYPE_CHECKING:
    from graphc.model import Data

LARGE = 50.0  # the root mean square of an input, where a layer expects some 1
UNEQUAL = 1000.0  # times as large as another column
SHARE = 0.5  # of the classes, that occur at most


def unscaled(evidence: Evidence) -> str:
    """That an input which a layer reads as it is has large numbers, or very unequal columns."""
    for name in evidence.scene.read:
        values = np.asarray(evidence.data[name], np.float64)
        if np.sqrt(np.mean(values**2)) > LARGE:
            return (
                f"`{name}` reaches {_number(float(abs(values).max()))}, where a layer expects"
                " numbers of about 1: take off the mean of each column and divide by its deviation"
            )
        if values.ndim == 2:
            sizes = np.sqrt(np.mean(values**2, axis=0))
            sizes = sizes[sizes > 0]
            if sizes.size > 1 and sizes.max() > UNEQUAL * sizes.min():
                return (
                    f"columns of `{name}` are {_number(sizes.max() / sizes.min())} times as large"
                    " as others: take off the mean of each and divide by its deviation"
                )
    return ""


def classes(data: Sequence[Data], arrays: Sequence[NDArray[Any]]) -> list[str]:
    """What is odd about the labels: only one occurs, or few of the classes that there are.

    Words and letters are left out: of a vocabulary a text may use a part.
    """
    if any(entry.integer and entry.kind == "input" for entry in data):
        return []
    told = []
    for entry, labels in zip(data, arrays, strict=True):
        if entry.kind != "target" or not entry.integer or labels.size < 10:
            continue
        low, high = int(labels.min()), int(labels.max())
        if low == high:
            told.append(f"every label of `{entry.name}` is {low}: there is nothing to tell apart")
        elif entry.classes and high + 1 <= SHARE * entry.classes:
            told.append(
                f"the labels of `{entry.name}` are {low} to {high}, and the model has"
                f" {entry.classes:,} classes: {high + 1} would do"
            )
    return told


def _number(value: float) -> str:
    return f"{float(f'{value:.2g}'):,.0f}"

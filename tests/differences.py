"""Derivatives by central differences in float64, each with an estimate of its own error.

Three step sizes, extrapolated twice (Romberg): the error of h is squared out, so what is left is
rounding, about 1e-12 of the function's size. Where the estimates disagree a kink is near: then a
smaller step is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
STEPS = (4e-3, 5e-4, 6e-5)
GOAL = 2e-9


class Kink(Exception):
    """No step size gives a derivative that can be trusted."""


def jacobian(f: Callable[[Vector], Vector], x: Vector) -> Vector:
    """The derivative of f(x), of any shape, by each element of x: f's shape and a last axis for x.

    Raises Kink where f is not smooth enough to tell.
    """
    columns = [np.asarray(_column(f, x, place)) for place in range(x.size)]
    return np.stack(columns, axis=-1) if columns else np.zeros((*np.shape(f(x)), 0))


def _column(f: Callable[[Vector], Vector], x: Vector, place: int) -> Vector:
    for h in STEPS:
        slopes = []
        for step in (h, h / 2, h / 4):
            above, below = x.copy(), x.copy()
            above[place] += step
            below[place] -= step
            slopes.append((f(above) - f(below)) / (above[place] - below[place]))
        first, second = ((4 * b - a) / 3 for a, b in pairwise(slopes))
        best = (16 * second - first) / 15
        scale = 1 + np.abs(best).max(initial=0)
        if np.abs(best - second).max(initial=0) <= GOAL * scale:
            return np.asarray(best)
    raise Kink


def assert_agrees(ours: Vector, numeric: Vector, tolerance: float = 1e-7) -> None:
    """Asserts that two derivatives agree, relative to the largest element."""
    assert ours.shape == numeric.shape, f"{ours.shape} is not {numeric.shape}"
    scale = max(np.abs(numeric).max(initial=0), 1e-2)
    error = np.abs(ours - numeric).max(initial=0) / scale
    assert error <= tolerance, f"relative error {error:.1e}:\n{ours}\n{numeric}"

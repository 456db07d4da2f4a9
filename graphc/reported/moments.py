"""Some ten moments of a run: how parameters and gradients were spread at each of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphc.reported.report import Histogram, Moment
from graphc.reported.scales import drawable

BINS = 24  # at most; fewer of few numbers
FEW = 16  # numbers of an array that are kept themselves
MOST = 20  # moments that are kept; with so many every second one is forgotten
LARGEST = 1_000_000  # numbers of an array that are looked at
SPAN = 8  # powers of 10 below the greatest magnitude; smaller ones reach down to any power

Arrays = Mapping[str, NDArray[Any]]


class Moments:
    """The moments of a run whose length is not known: as it grows they move apart.

    `due(epoch)` tells whether to look after an epoch; that of `first`, the beginning, is kept.
    """

    def __init__(self, first: int) -> None:
        self._first, self._every = first, 1
        self.all: list[Moment] = []

    def due(self, epoch: int) -> bool:
        """Whether it is the turn of an epoch."""
        if len(self.all) >= MOST:
            self._every *= 2
            self.all = [one for one in self.all if self._fits(one.epoch)]
        return self._fits(epoch)

    def has(self, epoch: int) -> bool:
        """Whether the last moment is that after an epoch."""
        return bool(self.all) and self.all[-1].epoch == epoch

    def add(self, epoch: int, parameters: Arrays, gradients: Arrays) -> None:
        """Keep how they are spread after an epoch."""
        weights = {name: spread(array) for name, array in parameters.items()}
        sizes = {name: magnitudes(array) for name, array in gradients.items()}
        self.all.append(Moment(epoch, weights, sizes))

    def _fits(self, epoch: int) -> bool:
        return (epoch - self._first) % self._every == 0


def spread(array: NDArray[Any]) -> Histogram:
    """The histogram of some numbers, from the least to the greatest."""
    numbers = _some(array)
    return _histogram(array, numbers, drawable(numbers), 0)


def magnitudes(array: NDArray[Any]) -> Histogram:
    """The histogram of the log10 of magnitudes, but for tiny ones; zeros are counted apart."""
    numbers = _some(array)
    known = np.abs(drawable(numbers))
    powers = np.log10(known[known > 0])
    zeros = (len(known) - len(powers)) * array.size // max(numbers.size, 1)
    powers = powers[powers >= powers.max(initial=-math.inf) - SPAN]
    return _histogram(array, numbers, powers, zeros)


def _some(array: NDArray[Any]) -> NDArray[np.float64]:
    """The numbers of an array; of a very large one every n-th."""
    flat = array.reshape(-1)
    return flat[:: -(-flat.size // LARGEST) or 1].astype(np.float64)


def _histogram(
    array: NDArray[Any], numbers: NDArray[np.float64], binned: NDArray[np.float64], zeros: int
) -> Histogram:
    low, high = (float(binned.min()), float(binned.max())) if binned.size else (0.0, 0.0)
    bins = min(BINS, math.ceil(2 * binned.size ** (1 / 3)))  # Rice's rule
    wide = high - low > bins * float(np.spacing(max(abs(low), abs(high))))  # bins can be told apart
    counts = np.histogram(binned, bins, (low, high))[0] if wide else np.array([binned.size])
    norm = float(np.linalg.norm(numbers if numbers.size == array.size else array))
    values = tuple(numbers.tolist()) if numbers.size <= FEW else ()
    return Histogram(low, high, tuple(counts.tolist()), zeros, norm, array.size, values)

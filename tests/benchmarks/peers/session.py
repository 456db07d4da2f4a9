"""What every contender can do."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from tests.benchmarks.problem import Problem

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # Adam's, the same everywhere


class Session:
    """A network in training, at its start."""

    unit = 1  # steps that can only be taken together
    note = ""  # what the contender decided for itself
    compared = True  # whether it computes what the others do

    def __init__(self, problem: Problem) -> None:
        self.case = problem.case

    def run(self, steps: int) -> float:
        """Takes steps, batch after batch; the loss of the last, before its update."""
        raise NotImplementedError

    def epochs(self, count: int) -> list[float]:
        """The mean loss of each of the first epochs, the batches in their order."""
        size = self.case.batches
        return [math.fsum(self.run(1) for _ in range(size)) / size for _ in range(count)]

    def tune(self) -> None:
        """Chooses the fastest of what the contender offers, and starts anew."""


def repeated(batches: list[Any]) -> Iterator[Any]:
    """The batches, again and again."""
    return itertools.cycle(batches)


def adam_sizes(rate: float, step: int) -> tuple[float, float]:
    """What the mean and the root of the mean square are multiplied by (Kingma & Ba 2015)."""
    return rate / (1 - BETA1**step), 1 / math.sqrt(1 - BETA2**step)

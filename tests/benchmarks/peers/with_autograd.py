"""autograd: NumPy's functions, recorded and differentiated."""

from __future__ import annotations

from itertools import islice
from typing import Any

from autograd import numpy as anp
from autograd import value_and_grad

from tests.benchmarks.peers.naive import Naive
from tests.benchmarks.problem import Array, Problem


class Autograd(Naive):
    """The textbook's forward pass and update; the backward pass is derived."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.derived = value_and_grad(self.loss)

    def loss(self, parameters: list[Any], x: Array, y: Array) -> Any:
        h: Any = x
        for i in range(len(parameters) // 2):
            h = anp.dot(h, parameters[2 * i]) + parameters[2 * i + 1]
            if self.active(i):
                h = anp.maximum(h, 0) if self.case.activation == "relu" else 1 / (1 + anp.exp(-h))
        return anp.mean((h - y) ** 2)

    def run(self, steps: int) -> float:
        for x, y in islice(self.feed, steps):
            loss, gradients = self.derived(self.parameters, x, y)
            self.update(gradients)
        return float(loss)

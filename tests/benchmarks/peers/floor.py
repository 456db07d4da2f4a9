"""The matrix products of a step and nothing else: what no program that calls them can beat."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.peers.session import Session
from tests.benchmarks.problem import Problem


class Floor(Session):
    """Forward, by every matrix, and by every layer's input but the first's, which is data."""

    compared = False

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        batch, last = self.case.batch, len(self.case.widths) - 2
        h, _ = problem.batches[0]
        d = np.random.default_rng(0).standard_normal((batch, self.case.widths[-1]), np.float32)
        inputs, products = [h], []
        for W, _ in problem.layers:
            products.append((inputs[-1], W, np.empty((batch, W.shape[1]), np.float32)))
            inputs.append(products[-1][2])
        for i, (W, _) in reversed(list(enumerate(problem.layers))):
            if i < last:
                d = products[-1][2]
            products.append((inputs[i].T, d, np.empty_like(W)))
            if i:
                products.append((d, W.T, np.empty_like(inputs[i])))
        self.products = products

    def run(self, steps: int) -> float:
        products, dot = self.products, np.dot
        for _ in range(steps):
            for a, b, out in products:
                dot(a, b, out=out)
        return 0.0

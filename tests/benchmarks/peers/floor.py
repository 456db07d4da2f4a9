"""The matrix products of a step and nothing else: what no program that calls them can beat.

They are called in the quickest way known, on arrays that begin on a line of the cache.
"""

from __future__ import annotations

import numpy as np

from graphc.measured import BOUNDARY
from tests.benchmarks.peers.session import Session
from tests.benchmarks.problem import Array, Problem


class Floor(Session):
    """Forward, by every matrix, and by every layer's input but the first's, which is data."""

    compared = False

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        batch, last = self.case.batch, len(self.case.widths) - 2
        h, _ = problem.batches[0]
        d = np.random.default_rng(0).standard_normal((batch, self.case.widths[-1]), np.float32)
        weights = [aligned(W) for W, _ in problem.layers]
        inputs, products = [aligned(h)], []
        for W in weights:
            products.append((inputs[-1], W, aligned(np.empty((batch, W.shape[1]), np.float32))))
            inputs.append(products[-1][2])
        d = aligned(d)
        for i, W in reversed(list(enumerate(weights))):
            if i < last:
                d = products[-1][2]
            products.append((inputs[i].T, d, aligned(np.empty_like(W))))
            if i:
                products.append((d, W.T, aligned(np.empty_like(inputs[i]))))
        self.products = products

    def run(self, steps: int) -> float:
        products = [(a.dot, b, out) for a, b, out in self.products]
        for _ in range(steps):
            for dot, b, out in products:
                dot(b, out=out)
        return 0.0


def aligned(array: Array) -> Array:
    """A copy that begins on a line of the cache."""
    memory = np.empty(array.nbytes + BOUNDARY, np.uint8)
    start = -memory.__array_interface__["data"][0] % BOUNDARY
    copy = memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy

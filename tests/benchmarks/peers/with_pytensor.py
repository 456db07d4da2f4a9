"""PyTensor, the successor of Theano, compiled by Numba."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytensor
from pytensor import tensor as pt

from tests.benchmarks.peers.session import BETA1, BETA2, EPSILON, Session, repeated
from tests.benchmarks.problem import Problem


class Numba(Session):
    """A function of a batch that updates shared variables; its arguments are trusted."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        case = self.case
        x, y = pt.matrix("x", dtype="float32"), pt.matrix("y", dtype="float32")
        shared = [pytensor.shared(one, borrow=False) for layer in problem.layers for one in layer]
        h = x
        for i in range(0, len(shared), 2):
            h = h @ shared[i] + shared[i + 1]
            if i < len(shared) - 2 or case.sigmoid_output:
                h = pt.maximum(h, np.float32(0)) if case.activation == "relu" else pt.sigmoid(h)
        loss = pt.mean(pt.sqr(h - y), dtype="float32")
        gradients = pytensor.gradient.grad(loss, shared)
        update = self.sgd if case.optimizer == "sgd" else self.adam
        function = pytensor.function(
            [pytensor.In(x, borrow=True), pytensor.In(y, borrow=True)],
            pytensor.Out(loss, borrow=True),
            updates=update(shared, gradients),
            mode="NUMBA",
        )
        function.trust_input = True
        self.function = function
        self.feed = repeated(problem.batches)

    def sgd(self, shared: list, gradients: list) -> list:
        rate = np.float32(self.case.learning_rate)
        return [(a, a - rate * da) for a, da in zip(shared, gradients, strict=True)]

    def adam(self, shared: list, gradients: list) -> list:
        count = pytensor.shared(np.float32(0))
        step, one = count + np.float32(1), np.float32(1)
        beta1, beta2 = np.float32(BETA1), np.float32(BETA2)
        size = np.float32(self.case.learning_rate) / (one - beta1**step)
        scale = one / pt.sqrt(one - beta2**step)
        updates = [(count, step)]
        for a, da in zip(shared, gradients, strict=True):
            m, v = (pytensor.shared(np.zeros_like(a.get_value())) for _ in range(2))
            m2, v2 = beta1 * m + (one - beta1) * da, beta2 * v + (one - beta2) * pt.sqr(da)
            a2 = a - size * m2 / (pt.sqrt(v2) * scale + np.float32(EPSILON))
            updates += [(m, m2), (v, v2), (a, a2)]
        return updates

    def run(self, steps: int) -> float:
        function = self.function
        for x, y in islice(self.feed, steps):
            loss = function(x, y)
        return float(loss)

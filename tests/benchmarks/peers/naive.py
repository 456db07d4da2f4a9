"""NumPy as a textbook writes it: one expression per formula, a new array for each."""

from __future__ import annotations

from itertools import islice

import numpy as np

from tests.benchmarks.peers.session import BETA1, BETA2, EPSILON, Session, adam_sizes, repeated
from tests.benchmarks.problem import Array, Problem


class Naive(Session):
    """Forward, backward and update over a list of layers."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.parameters = [array for layer in problem.layers for array in layer]
        self.m = [np.zeros_like(one) for one in self.parameters]
        self.v = [np.zeros_like(one) for one in self.parameters]
        self.feed = repeated(problem.batches)
        self.steps = 0

    def active(self, layer: int) -> bool:
        return layer < len(self.parameters) // 2 - 1 or self.case.sigmoid_output

    def forward(self, x: Array) -> list[Array]:
        """The input and what comes out of each layer."""
        values = [x]
        for i in range(len(self.parameters) // 2):
            W, b = self.parameters[2 * i : 2 * i + 2]
            z = values[-1] @ W + b
            if self.active(i):
                z = np.maximum(z, 0) if self.case.activation == "relu" else 1 / (1 + np.exp(-z))
            values.append(z)
        return values

    def backward(self, values: list[Array], d: Array) -> list[Array]:
        """The gradients of all parameters, from that of the output."""
        gradients: list[Array] = []
        for i in reversed(range(len(self.parameters) // 2)):
            h, y = values[i : i + 2]
            if self.active(i):
                d = d * (y > 0) if self.case.activation == "relu" else d * y * (1 - y)
            gradients[:0] = [h.T @ d, d.sum(axis=0)]
            if i:
                d = d @ self.parameters[2 * i].T
        return gradients

    def update(self, gradients: list[Array]) -> None:
        self.steps += 1
        rate = self.case.learning_rate
        if self.case.optimizer == "sgd":
            self.parameters = [
                a - rate * da for a, da in zip(self.parameters, gradients, strict=True)
            ]
            return
        size, scale = adam_sizes(rate, self.steps)
        for i, da in enumerate(gradients):
            self.m[i] = BETA1 * self.m[i] + (1 - BETA1) * da
            self.v[i] = BETA2 * self.v[i] + (1 - BETA2) * da**2
            root = np.sqrt(self.v[i]) * scale + EPSILON
            self.parameters[i] = self.parameters[i] - size * self.m[i] / root

    def run(self, steps: int) -> float:
        for x, y in islice(self.feed, steps):
            values = self.forward(x)
            error = values[-1] - y
            loss = (error**2).mean()
            self.update(self.backward(values, 2 * error / error.size))
        return float(loss)

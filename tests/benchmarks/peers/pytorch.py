"""PyTorch: eager, and with torch.compile; of its ways to update, the fastest here."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice

import torch

from tests.benchmarks.peers import floor
from tests.benchmarks.peers.session import Session, repeated
from tests.benchmarks.peers.torch_models import network
from tests.benchmarks.problem import Problem

OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
UPDATES = {"": {}, "foreach": {"foreach": True}, "fused": {"fused": True}}
TRIAL = 0.15  # seconds, for one trial of an update


class Eager(Session):
    """A module, its loss and its optimizer, called one after the other."""

    choices = tuple(UPDATES)

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem
        self.batches = [(torch.tensor(x), torch.tensor(y)) for x, y in problem.batches]
        self.start("")

    def start(self, choice: str) -> None:
        """A new network, updated in one of the ways."""
        self.note = choice
        self.feed = repeated(self.batches)
        self.model, self.loss = network(self.problem)
        self.parameters = list(self.model.parameters())
        self.optimizer = OPTIMIZERS[self.case.optimizer](
            self.parameters, lr=self.case.learning_rate, **UPDATES[choice.split(",")[0]]
        )

    def tune(self) -> None:
        taken = {choice: self.trial(choice) for choice in self.choices}
        self.start(min(taken, key=lambda choice: taken[choice]))

    def trial(self, choice: str) -> float:
        """Seconds of a step: the median of the trial's."""
        self.start(choice)
        self.run(3)
        times: list[float] = []
        while sum(times) < TRIAL or len(times) < 3:
            start = time.perf_counter()
            self.run(1)
            times.append(time.perf_counter() - start)
        return sorted(times)[len(times) // 2]

    def run(self, steps: int) -> float:
        model, loss, optimizer = self.model, self.loss, self.optimizer
        clipped = self.case.kind == "alice"
        for x, y in islice(self.feed, steps):
            optimizer.zero_grad(set_to_none=True)
            value = loss(model(x), y)
            value.backward()
            if clipped:
                torch.nn.utils.clip_grad_norm_(self.parameters, 1.0, foreach=True)
            optimizer.step()
        return float(value.item())


class Compiled(Eager):
    """The network with its loss compiled, and the update too if that is faster."""

    choices = ("fused", "foreach, compiled update")

    def start(self, choice: str) -> None:
        torch.compiler.reset()
        super().start(choice)
        model, loss = self.model, self.loss
        self.forward: Callable[..., torch.Tensor] = torch.compile(lambda x, y: loss(model(x), y))
        update = self.update
        self.updated = torch.compile(update) if choice.endswith("update") else update

    def update(self) -> None:
        if self.case.kind == "alice":
            torch.nn.utils.clip_grad_norm_(self.parameters, 1.0, foreach=True)
        self.optimizer.step()

    def run(self, steps: int) -> float:
        forward, updated, optimizer = self.forward, self.updated, self.optimizer
        for x, y in islice(self.feed, steps):
            optimizer.zero_grad(set_to_none=True)
            value = forward(x, y)
            value.backward()
            updated()
        return float(value.item())


class Floor(floor.Floor):
    """The same products by the library that PyTorch calls."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.tensors = [[torch.from_numpy(array) for array in three] for three in self.products]

    def run(self, steps: int) -> float:
        products, mm = self.tensors, torch.mm
        for _ in range(steps):
            for a, b, out in products:
                mm(a, b, out=out)
        return 0.0

"""graphc's emitted module: `step`, as its users call it, and `fit`."""

from __future__ import annotations

import sys
from itertools import islice
from types import ModuleType

from tests.benchmarks.peers.session import Session, repeated
from tests.benchmarks.problem import Problem


def module_in(problem: Problem) -> ModuleType:
    """The module that the case was compiled to."""
    sys.path.insert(0, str(problem.folder))
    import model  # type: ignore[import-not-found]

    sys.path.pop(0)
    return model


class Step(Session):
    """`trainer.step(x, y)`: with its checks at the door, and a float returned each time."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.trainer = module_in(problem).Trainer()
        for name, value in problem.parameters:
            self.trainer.params[name][...] = value
        self.feed = repeated(problem.batches)

    def run(self, steps: int) -> float:
        step = self.trainer.step
        for x, y in islice(self.feed, steps):
            loss = step(x, y)
        return loss


class Fit(Step):
    """`trainer.fit`: an epoch at a time, in a new order each time."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.unit = self.case.batches
        self.data = problem.data

    def run(self, steps: int) -> float:
        epochs = steps // self.unit
        return self.trainer.fit(*self.data, epochs=epochs, batch_size=self.case.batch)[-1]

    def epochs(self, count: int) -> list[float]:
        size = self.case.batch
        return self.trainer.fit(*self.data, epochs=count, batch_size=size, shuffle=False)

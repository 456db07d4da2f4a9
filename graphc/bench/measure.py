"""The measurement: steps with and without clocks, and products alone, a few of each in turn."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from time import perf_counter, perf_counter_ns
from typing import Any

from graphc.bench.clocks import Twin
from graphc.bench.products import Products
from graphc.verify.module import Module

TURN = 5e6  # nanoseconds of one kind of run before the next has its turn
MOST = 20  # runs, at most, in a turn
LEAST = 3  # turns

Run = Callable[[], object]


class Meter:
    """Takes the times of a module, in nanoseconds, on the data and the sizes that it was given.

    Every kind of run uses the same trainer, so the same arrays. It begins afresh in each turn:
    what happened to be learnt of random data has no say in how long a step takes.
    """

    def __init__(self, module: Module) -> None:
        self.trainer = module.loaded.Trainer(seed=module.seed)
        data = module.arguments(module.loaded.DTYPE)
        inputs = [
            value
            for value, (kind, *_) in zip(data.values(), module.loaded.DATA.values(), strict=True)
            if kind == "input"
        ]
        self.start = self.trainer.theta.copy()
        self.states = [
            (array, array.copy())
            for array in (getattr(self.trainer.state, name) for name in module.loaded.STATES)
        ]
        self.twin = Twin(module, self.trainer)
        self.plain = dict(_runs(self.trainer, list(data.values()), inputs))
        self.clocked = dict(_runs(self.twin.trainer, list(data.values()), inputs))
        self.products = Products(module, self.trainer)
        self.times: dict[str, list[int]] = {kind: [] for kind in self.plain}
        self.rows: dict[str, list[list[int]]] = {kind: [] for kind in self.clocked}
        self.ran: dict[str, list[int]] = {}
        self.floor: list[list[int]] = []

    def restore(self) -> None:
        """The parameters and what the optimizer keeps, as at the start."""
        self.trainer.theta[...] = self.start
        self.trainer.steps = 0
        for array, value in self.states:
            array[...] = value

    def afresh(self, run: Run) -> Run:
        """The same from the start, where a step is known to succeed."""

        def started() -> object:
            self.restore()
            return run()

        return started

    def run(self, seconds: float) -> None:
        """Measures for some seconds, but not less than a few turns."""
        with _undisturbed():
            self._turn(1)
            count = max(1, min(MOST, int(TURN / self.times["step"][-1])))
            self._forget()
            end, turns = perf_counter() + seconds, 0
            while turns < LEAST or perf_counter() < end:
                self._turn(count)
                turns += 1

    def _forget(self) -> None:
        """Drops what was measured in cold; from here on only clocks are read that tell more."""
        seen: set[int] = set()
        for kind, ran in self.ran.items():
            here = {place for place, times in enumerate(ran) if times}
            if here <= seen:
                del self.clocked[kind], self.rows[kind]
            seen |= here
        for times in self.times.values():
            times.clear()
        for rows in (*self.rows.values(), self.floor):
            rows.clear()

    def _turn(self, count: int) -> None:
        for kind, run in self.plain.items():
            self._several(count, partial(self._time, self.times[kind], run))
        for kind, run in self.clocked.items():
            self._several(count, partial(self._row, kind, run))
        self.products.restore()
        for _ in range(count):
            self.products()
            self.floor.append(self.products.clocks.read()[0])

    def _several(self, count: int, run: Run) -> None:
        self.restore()
        with suppress(ArithmeticError):  # a rate too large for random data
            for _ in range(count):
                run()

    def _time(self, times: list[int], run: Run) -> None:
        before = perf_counter_ns()
        run()
        times.append(perf_counter_ns() - before)

    def _row(self, kind: str, run: Run) -> None:
        self.twin.clocks.read()
        run()
        row, self.ran[kind] = self.twin.clocks.read()
        self.rows[kind].append(row)


def _runs(trainer: Any, data: Sequence[Any], inputs: Sequence[Any]) -> Iterator[tuple[str, Run]]:
    """What a trainer does with data, by the name of the method; some models have no output."""
    yield "step", partial(trainer.step, *data)
    if hasattr(trainer, "predict"):
        yield "predict", partial(trainer.predict, *inputs)
    yield "loss", partial(trainer.loss, *data)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the collector of cycles, which would come in the midst of a step."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()

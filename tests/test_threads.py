"""Threads that share a trainer: what is measured is exact, what changes it comes one at a time."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphc.compiled import compile_text

LAYERS = """
input x : [batch, 4]
target y : [batch, 2]
h = x |> dense(16) |> {} |> tanh
p = h |> dense(2)
output p, h
loss mse(p, y)
optimizer adam(learning_rate = 0.01)
train(batch_size = 8)
"""
MODULES: dict[str, Any] = {
    "one mode": compile_text(LAYERS.format("relu")).load(),
    "two modes": compile_text(LAYERS.format("batch_norm |> dropout(0.2)")).load(),
    "plain": compile_text(LAYERS.format("relu"), plain=True).load(),
}
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(64, 4)).astype(np.float32)
Y = RANDOM.normal(size=(64, 2)).astype(np.float32)


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What a function gives in so many threads that begin at once."""
    ready = threading.Barrier(count)

    def begun(number: int) -> Any:
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begun, range(count)))


def state(trainer: Any) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in trainer.__getstate__().items()}


def measured(trainer: Any, place: int) -> tuple[Any, ...]:
    rows = slice(place % 40, place % 40 + 1 + place % 23)
    outputs = trainer.predict(X[rows])
    return *(one.tobytes() for one in outputs.values()), trainer.loss(X[rows], Y[rows])


@pytest.mark.parametrize("kind", MODULES)
def test_what_is_measured_in_threads_is_what_one_measures(
    kind: str, request: pytest.FixtureRequest
) -> None:
    calls = 50_000 if request.config.getoption("--long") else 1_000  # of each of two methods
    trainer = MODULES[kind].Trainer()
    trainer.fit(X, Y, epochs=2)
    alone = [measured(trainer, place) for place in range(40 * 23)]

    def many(number: int) -> int:
        return sum(
            measured(trainer, place) != alone[place % len(alone)]
            for place in range(number * 101, number * 101 + calls // 8)
        )

    assert together(8, many) == [0] * 8


@pytest.mark.parametrize("kind", MODULES)
def test_steps_at_once_come_in_some_order(kind: str) -> None:
    batches = [(X[i : i + 8], Y[i : i + 8]) for i in range(0, 64, 8)]
    for _ in range(20):
        trainer = MODULES[kind].Trainer()
        trainer.fit(X, Y, epochs=1)
        serial = []
        for order in itertools.permutations(range(3)):
            other = MODULES[kind].Trainer()
            other.__setstate__(trainer.__getstate__())
            for number in order:
                other.step(*batches[number])
            serial.append(state(other))
        together(3, lambda number: trainer.step(*batches[number]))  # noqa: B023
        assert state(trainer) in serial


def test_many_steps_none_is_lost_or_torn() -> None:
    """Gradients of 1 and whole numbers: any order gives one sum, and a torn one another."""
    trainer: Any = compile_text(
        "input x : [batch, 300]\nparam w : [300] = zeros\nloss sum(x @ w)\noptimizer sgd(1)"
    ).load().Trainer()  # fmt: skip
    together(4, lambda number: [trainer.step(np.full((1, 300), number)) for _ in range(200)])
    assert trainer.steps == 800
    np.testing.assert_array_equal(trainer.theta, -200 * (0 + 1 + 2 + 3))
    together(4, lambda number: [trainer.apply(np.full(300, -number)) for _ in range(200)])
    np.testing.assert_array_equal(trainer.theta, 0)


@pytest.mark.parametrize("kind", MODULES)
def test_fits_at_once_take_turns_by_epochs(kind: str) -> None:
    trainer = MODULES[kind].Trainer()
    found = together(2, lambda number: trainer.fit(X + number, Y, epochs=3))
    assert (trainer.epoch, trainer.steps) == (6, 48)
    assert np.isfinite(found).all()
    serial = []
    for order in set(itertools.permutations([0, 0, 0, 1, 1, 1])):
        other = MODULES[kind].Trainer()
        for number in order:
            other.fit(X + number, Y, epochs=1)
        serial.append(state(other))
    assert state(trainer) in serial


def test_what_is_saved_meanwhile_is_a_whole_epoch(tmp_path: Path) -> None:
    module = MODULES["two modes"]
    trainer, epochs, kept = module.Trainer(), 30, []

    def work(number: int) -> None:
        if number:
            trainer.fit(X, Y, epochs=epochs)
        else:
            while trainer.epoch < epochs:
                trainer.save(tmp_path / "p.npz")
                kept.append(module.Trainer.load(tmp_path / "p.npz"))

    together(2, work)
    whole, states = module.Trainer(), []
    for _ in range(epochs + 1):
        states.append(state(whole))
        whole.fit(X, Y, epochs=1)
    assert kept
    assert all(state(one) == states[one.epoch] for one in kept)


def test_a_call_within_a_call_does_not_wait_for_itself(tmp_path: Path) -> None:
    trainer = MODULES["one mode"].Trainer()

    def on_epoch(own: Any, loss: float) -> None:
        own.save(tmp_path / "p.npz")
        own.step(X, Y)
        with ThreadPoolExecutor(1) as pool:  # another thread, for which the epoch waits
            pool.submit(own.save, tmp_path / "q.npz").result(timeout=10)

    trainer.fit(X, Y, epochs=2, on_epoch=on_epoch)
    assert (trainer.epoch, trainer.steps) == (2, 18)

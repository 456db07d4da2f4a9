"""What is not told: of runs that go well, nothing; and overfitting, where it is none."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from systems import EXAMPLES
from taught import X, Y, run, told

from graphc.compiled import compile_file, compile_text
from graphc.data import Loaded, load
from graphc.training import teacher
from graphc.training.history import Epoch
from graphc.training.overfitting import overfitting
from graphc.training.teacher import FREE

pytestmark = pytest.mark.usefixtures("unhurried")


def history(held: list[float], **metrics: list[float]) -> list[Epoch]:
    """Epochs whose training loss falls."""
    return [
        Epoch(n + 1, 1 / (n + 1), loss, {name: each[n] for name, each in metrics.items()}, n)
        for n, loss in enumerate(held)
    ]


RISING = [0.9, 0.6, 0.5, 0.52, 0.58, 0.61, 0.7, 0.72, 0.75, 0.8, 0.82, 0.85]


def test_overfitting() -> None:
    assert overfitting(history(RISING), 100) == (
        "after epoch 3 the held-out loss rose from 0.5 to 0.85 while the training loss fell from"
        " 0.3333 to 0.08333: what it learns then holds for these rows alone. --patience 5 stops"
        " there and keeps the best epoch"
    )
    for sound in (
        history(RISING[:5]),  # has only begun
        history([0.5 + 0.01 * (n % 3) for n in range(12)]),
        history(RISING[::-1]),
        history(RISING, accuracy=[0.9] * 12),  # surer of its mistakes, and no more of them
    ):
        assert overfitting(sound, 100) == ""
    assert overfitting(history(RISING, accuracy=[0.9] * 4 + [0.8] * 8), 100) != ""
    assert overfitting(history(RISING), 10) == "", "of ten rows nobody can tell"


def test_a_held_out_loss_that_is_no_worse_or_only_noisy_is_no_overfitting() -> None:
    rising = history(RISING)
    assert overfitting([replace(one, loss=one.loss + 0.7) for one in rising], 100) == ""
    noisy = [0.9, 0.5, 0.8, 0.6, 0.7, 0.9, 0.6, 0.8, 0.6, 0.9, 0.7, 0.6, 0.8, 0.7]
    assert overfitting(history(noisy), 100) == ""
    assert overfitting(history([0.9, 0.5, *sorted(noisy[2:])]), 100) != ""
    assert overfitting(history([1.0, *(0.5 + 0.001 * n for n in range(3000))]), 100) != ""


def test_overfitting_is_told_unless_the_best_epoch_is_kept() -> None:
    noise = np.random.default_rng(1).normal(size=(200, 1))
    model = """
        p = x |> dense(128) |> relu |> dense(128) |> relu |> dense(1)
        output p
        loss mse(p, y)
        optimizer adam(learning_rate = 0.003)
        """
    (line,) = told(model, X, noise, epochs=60)
    assert "the held-out loss rose from" in line
    assert told(model, X, noise, epochs=60, patience=100) == []


FAST = {
    "line": "line.csv",
    "xor": "xor.csv",
    "seed": "seed.csv",
    "iris": "iris.csv",
    "digits": "digits.npz",
    "hinge": "hinge.csv",
    "columns": "columns.npz",
    "autoencoder": "digits.npz",
    "momentum": "seed.csv",
    "circuit": "",
}


@pytest.mark.parametrize("name", FAST)
@pytest.mark.parametrize("options", [{}, {"epochs": 1}, {"seed": 3}])
def test_nothing_is_told_of_what_goes_well(name: str, options: dict[str, Any]) -> None:
    compiled = compile_file(EXAMPLES / f"{name}.nn")
    loaded = Loaded(())
    if FAST[name]:
        loaded = load(EXAMPLES / FAST[name], compiled.data, dtype=compiled.model.dtype)
    assert run(compiled, loaded, **options) == []


def test_nothing_is_told_of_a_run_that_arrives_at_once() -> None:
    x = np.tile(100 * X, (20, 1))
    model = "p = x |> dense(1)\noutput p\nloss mse(p, y)\noptimizer sgd(learning_rate = 1e-5)\n"
    assert told(model, x, x @ [[1.0], [2], [3], [4]] + np.tile(Y, (20, 1)), epochs=30) == []


def test_nothing_is_told_of_a_run_that_has_arrived(tmp_path: Path) -> None:
    model = """
        p = x |> dense(1)
        output p
        loss mse(p, y)
        optimizer sgd(learning_rate = 0.3)
        """
    path = tmp_path / "p.npz"
    assert told(model, X, X @ [[1.0], [2], [3], [4]] + 0.1 * Y, epochs=30, save=path) == []
    resumed: dict[str, Any] = {"resume": path, "epochs": 60}
    assert told(model, X, X @ [[1.0], [2], [3], [4]] + 0.1 * Y, **resumed) == []


DEAD = """
p = relu(dense(x, 16) - 50) |> dropout(0.5) |> dense(1)
output p
loss mse(p, y)
"""


def test_a_run_that_is_looked_at_ends_with_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(told(DEAD, epochs=12, save=tmp_path / "seen.npz")) == 1, "once in all of the run"
    monkeypatch.setattr(teacher.Teacher, "epoch", lambda self, tell, last: None)
    assert told(DEAD, epochs=12, save=tmp_path / "unseen.npz") == []
    seen, unseen = (np.load(tmp_path / f"{name}.npz") for name in ("seen", "unseen"))
    assert all(np.array_equal(seen[name], unseen[name]) for name in seen.files)


def test_looks_take_a_small_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    looks: list[int] = []

    def clock() -> float:
        return now

    def look(self: teacher.Teacher, tell: Any, *, early: bool, last: bool) -> None:
        nonlocal now
        now += 5
        looks.append(self._meter.epoch)

    def on_epoch(self: teacher.Teacher, tell: Any, *, last: bool) -> None:
        nonlocal now
        now += 1
        epoch(self, tell, last=last)

    epoch = teacher.Teacher.epoch
    ticking = SimpleNamespace(perf_counter=clock)
    monkeypatch.setattr(teacher, "FREE", FREE)
    monkeypatch.setattr(teacher, "time", ticking)
    monkeypatch.setattr("graphc.training.meter.time", ticking)
    monkeypatch.setattr(teacher.Teacher, "_teach", look)
    monkeypatch.setattr(teacher.Teacher, "epoch", on_epoch)
    told(DEAD, epochs=600)
    assert looks == [100, 200, 500, 600]
    assert 5 * len(looks) <= 0.05 * now


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("kind", "loss"),
    [("int[batch]", "cross_entropy"), ("[batch, 4]", "bce_with_logits"), ("[batch, 4]", "mse")],
)
def test_no_run_is_ended_by_what_looks_at_it(kind: str, loss: str) -> None:
    model = "z = x |> dense(8) |> relu |> dense(4)\noutput z\n"
    compiled = compile_text(f"input x : [batch, 3]\ntarget y : {kind}\n{model}loss {loss}(z, y)\n")
    noise = np.random.default_rng(0).normal(size=(60, 3))
    for size, rows in product((0, 1e-40, 1, [1, 1e-30, 1e20], 3e38), (1, 60)):
        x = (np.clip(noise[:rows], -1, 1) * size).astype(np.float32)
        for target in (0, 1, 3e38):
            y = np.full((rows, 4), target, np.float32)
            given = Loaded((x, np.full(rows, target > 0, np.int64) if "int" in kind else y))
            run(compiled, given, epochs=12)

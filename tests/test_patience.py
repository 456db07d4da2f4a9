"""`graphc train --patience`: the best epoch is kept, however often the run is stopped."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_training import Watched, at, saved

from graphc.compiled import Compiled, compile_text
from graphc.data import Loaded, split
from graphc.training import Notes, Settings, load_trainer, read_notes, train

RESTLESS = compile_text("""
input x : [batch, 4]
target y : [batch, 1]
p = x |> dense(8) |> tanh |> dropout(0.2) |> dense(1)
output p
loss mse(p, y)
optimizer adam(learning_rate = 0.1)
train(epochs = 60, batch_size = 12)
""")
RANDOM = np.random.default_rng(0)
X, Y = RANDOM.random((60, 4), np.float32), RANDOM.random((60, 1), np.float32)
STEPS = 4  # in an epoch
FALLING = compile_text("param w : [] = 1\noutput w\nloss w\noptimizer sgd(learning_rate = 0.5)")
RISING = compile_text("param w : [] = 1\noutput w\nloss w * w\noptimizer sgd(learning_rate = 1.5)")


def run(compiled: Any = RESTLESS, **options: Any) -> tuple[int, list[str]]:
    """Exit code and lines."""
    lines: list[str] = []
    loaded = Loaded((X.copy(), Y.copy()) if compiled.data else ())  # which a run uses up
    return train(compiled, loaded, Settings(**options), lines.append, lines.append), lines


def notes(path: Path, compiled: Compiled = RESTLESS) -> Notes:
    return read_notes(load_trainer(compiled.load(), path), path)


def test_the_best_epoch_is_kept(tmp_path: Path) -> None:
    path, best = tmp_path / "p", tmp_path / "best"
    code, lines = run(save=path, patience=4)
    trainer = load_trainer(RESTLESS.load(), path)
    assert code == 0
    assert f"epoch {trainer.epoch} was the best; the parameters are as after it" in lines
    assert any(line.startswith(f"{trainer.epoch + 4} epochs in ") for line in lines)
    losses, held = [], split(RESTLESS.data, (X.copy(), Y.copy()), 0.2, 0)[1]
    for epochs in range(1, trainer.epoch + 5):
        run(save=best, epochs=epochs)
        losses.append(load_trainer(RESTLESS.load(), best).loss(*(held or ())))
    assert int(np.argmin(losses)) + 1 == trainer.epoch
    run(save=best, epochs=trainer.epoch, patience=4)
    assert saved(path) == saved(best)
    assert notes(path).patience == 4


@pytest.mark.parametrize("every", [0, 1000])
@pytest.mark.parametrize("holdout", [0.2, 0])
def test_a_run_stopped_anywhere_ends_as_one_that_was_not(
    tmp_path: Path, holdout: float, every: float
) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    run(save=whole, patience=3, holdout=holdout)
    last = load_trainer(RESTLESS.load(), whole).epoch + 3
    steps = 5 if holdout == 0 else 4
    for epoch in range(1, last):
        for step in (steps * epoch + 1, steps * epoch + steps):
            watched = Watched(RESTLESS, at(step, signal.SIGINT))
            options = {"patience": 3, "holdout": holdout, "save_every": every}
            code, lines = run(watched, save=part, **options)
            assert code == 130
            kept = load_trainer(RESTLESS.load(), part).epoch
            which = "" if kept == epoch else f", as after epoch {kept}, the best"
            assert lines[-1].startswith(f"stopped by Ctrl-C after epoch {epoch} of 60; saved")
            assert lines[-1].endswith(f"saved {part}{which}: --resume goes on from there")
            run(save=part, resume=part, before=notes(part))
            assert saved(part) == saved(whole)


def test_the_file_is_the_best_epoch_all_the_while(tmp_path: Path) -> None:
    path, seen = tmp_path / "p", []

    def look(step: int) -> None:
        if step % STEPS == 1 and step > 1:
            seen.append(saved(path))

    run(Watched(RESTLESS, look), save=path, patience=3, save_every=0)
    assert seen[-1] == saved(path)
    for epochs, file in enumerate(seen[::2], 1):
        run(save=tmp_path / "whole", epochs=epochs, patience=3)
        assert file == saved(tmp_path / "whole")


def test_more_patience_goes_on_and_none_keeps_the_last(tmp_path: Path) -> None:
    path = tmp_path / "p"
    run(RISING, epochs=20, save=path, patience=3)
    assert load_trainer(RISING.load(), path).epoch == 1
    before = notes(path, RISING)
    _, lines = run(RISING, epochs=20, resume=path, before=before, patience=5)
    assert any(line.startswith("5 epochs in ") for line in lines)
    assert f"{path} goes on after epoch 1: patience 3" not in lines
    run(RISING, epochs=20, resume=path, before=before, patience=0, save=path)
    assert load_trainer(RISING.load(), path).epoch == 20
    assert notes(path, RISING).patience is None


def test_a_run_that_gets_better_goes_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "p"
    _, lines = run(FALLING, epochs=9, save=path, patience=1)
    assert not any("was the best" in line for line in lines)
    assert load_trainer(FALLING.load(), path).epoch == 9


def test_a_loss_that_is_not_finite_leaves_the_best(tmp_path: Path) -> None:
    def burst(step: int) -> None:
        if step == 4:
            raise FloatingPointError(f"step {step}: the loss is nan")

    path = tmp_path / "p"
    code, lines = run(Watched(RISING, burst), epochs=9, save=path, patience=6)
    assert (code, lines[-1]) == (1, f"saved {path}: the parameters after epoch 1 of 9")
    assert load_trainer(RISING.load(), path).epoch == 1


def test_a_loss_that_cannot_be_judged_keeps_the_last(tmp_path: Path) -> None:
    """Of rows held out that give no finite loss none is the best, and what is learnt stays."""
    steep = compile_text("""
input x : [batch, 4]
target y : [batch, 1]
param W : [4, 1] = 0.5
p = exp(x @ W)
output p
loss mse(p, y)
optimizer sgd(learning_rate = 0.0001)
train(epochs = 60, batch_size = 12)
""")
    x, lines, path = X.copy(), list[str](), tmp_path / "p"
    held = split(steep.data, (np.arange(240.0, dtype=np.float32).reshape(60, 4), Y.copy()), 0.2, 0)
    x[int(held[1][0][0, 0]) // 4] = 900 if held[1] else 0
    settings = Settings(save=path, patience=3)
    assert train(steep, Loaded((x, Y.copy())), settings, lines.append, lines.append) == 0
    assert load_trainer(steep.load(), path).epoch == 3
    assert "held out: loss inf" in "\n".join(lines)

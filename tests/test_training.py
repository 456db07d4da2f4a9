"""Training runs: what is held out, shown, kept when a run is stopped, and told when it fails."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphc.compiled import Compiled, compile_text
from graphc.data import DataError, Loaded
from graphc.dataflow import Graph
from graphc.model import Data, Model
from graphc.training import Notes, Settings, load_trainer, read_notes, train
from graphc.training.teacher import Teacher

CLASSIFIER = compile_text("""
input x : [batch, 2]
target y : int[batch]
param W : [2, 2] = he_normal
logits = x @ W
output logits
loss cross_entropy(logits, y)
optimizer adam(learning_rate = 0.01)
train(epochs = 4, batch_size = 8)
""")
FALLING = compile_text("""
param w : [] = 1
output w
loss w
optimizer sgd(learning_rate = 0.5)
train(epochs = 3)
""")


@dataclass(frozen=True)
class Watched:
    """A compiled model that calls `at_step(number)` in the middle of each of its steps."""

    compiled: Compiled
    at_step: Callable[[int], None]

    @property
    def model(self) -> Model:
        return self.compiled.model

    @property
    def graph(self) -> Graph:
        return self.compiled.graph

    @property
    def data(self) -> tuple[Data, ...]:
        return self.compiled.data

    def load(self) -> Any:
        module: Any = self.compiled.load()
        update = module.update

        def watched(theta: Any, gradient: Any, state: Any, step: int, epoch: int) -> None:
            self.at_step(step)
            update(theta, gradient, state, step, epoch)
            self.at_step(step)

        module.update = watched
        return module


def rows(count: int) -> Loaded:
    y = np.arange(count) % 2
    return Loaded((np.eye(2, dtype=np.float32)[y], y), {"y": ("even", "odd")})


def run(compiled: Any = CLASSIFIER, count: int = 60, **options: Any) -> tuple[int, list[str]]:
    """Exit code and lines; the lines of complaint begin with `! `."""
    lines: list[str] = []
    loaded = rows(count) if compiled.data else Loaded(())
    settings = Settings(**options)
    return train(
        compiled, loaded, settings, lines.append, lambda it: lines.append(f"! {it}")
    ), lines


def saved(path: Path) -> dict[str, bytes]:
    with np.load(path) as arrays:
        return {name: arrays[name].tobytes() for name in arrays.files}


def at(number: int, signum: int) -> Callable[[int], None]:
    return lambda step: os.kill(os.getpid(), signum) if step == number else None


def test_a_run_says_what_it_holds_out_and_how_good_it_is() -> None:
    code, lines = run()
    assert code == 0
    first = "model: 4 parameters, 48 rows to train on, 12 held out (see --holdout)"
    assert lines[:2] == [first, "y: 0 even, 1 odd"]
    assert [line.split("  ")[0] for line in lines[2:6]] == [f"epoch {n}/4" for n in (1, 2, 3, 4)]
    assert "  held-out 0." in lines[5]
    assert "; held out: loss 0." in lines[6]
    assert "samples/s" in lines[5]
    assert lines[-1] == "not saved: --save model.trained.npz keeps what was learnt"


@pytest.mark.parametrize(("count", "share", "held"), [(49, None, 0), (50, None, 10), (8, 0.5, 4)])
def test_default_holdout(count: int, share: float | None, held: int) -> None:
    first = run(count=count, holdout=share, epochs=1)[1][0]
    assert f" {count - held} rows to train on, {held or 'none'} held out" in first


def test_a_model_without_data_steps_and_shows_what_it_found() -> None:
    code, lines = run(FALLING)
    assert (code, lines[0]) == (0, "model: 1 parameter")
    assert "steps/s" in lines[3]
    assert lines[4].endswith("loss -0.5")  # after the last step; epoch 3 tells the one before
    assert lines[5] == "w = -0.5"


def test_no_epochs_judge_the_first_parameters(tmp_path: Path) -> None:
    code, lines = run(epochs=0, save=tmp_path / "start.npz")
    assert code == 0
    assert lines[2].startswith("0 epochs in ")
    assert (tmp_path / "start.npz").exists()


def test_a_resumed_run_gives_the_bits_of_one_that_went_through(tmp_path: Path) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    run(save=whole, seed=3)
    run(save=part, seed=3, epochs=2)
    assert saved(part) != saved(whole)
    code, lines = run(save=part, resume=part)
    assert (code, lines[2]) == (0, f"{part} goes on after epoch 2: batch size 8, holdout 0.2")
    assert lines[3].startswith("epoch 3/4")
    assert saved(part) == saved(whole)
    with pytest.raises(DataError, match="4 epochs are done, and 4 were asked for; --epochs 8"):
        run(resume=part)


@pytest.mark.parametrize(
    ("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
@pytest.mark.parametrize("step", [13, 15, 18])  # six steps an epoch
def test_a_stopped_run_keeps_the_last_whole_epoch(
    tmp_path: Path, signum: int, code: int, step: int
) -> None:
    stopped, whole = tmp_path / "stopped", tmp_path / "whole"
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    told, lines = run(Watched(CLASSIFIER, at(step, signum)), save=stopped)
    assert told == code
    assert f" after epoch 2 of 4; saved {stopped}: --resume goes on from there" in lines[-1]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers
    run(epochs=2, save=whole)
    assert saved(stopped) == saved(whole)
    run(save=whole)
    run(save=stopped, resume=stopped)
    assert saved(stopped) == saved(whole)


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run(Watched(CLASSIFIER, at(3, signal.SIGINT)))[0] == 0
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_signal_after_the_last_epoch_cuts_nothing_short(tmp_path: Path) -> None:
    path, lines = tmp_path / "p", list[str]()

    def echo(line: str) -> None:
        lines.append(line)
        if line.startswith("epoch 4/4"):
            os.kill(os.getpid(), signal.SIGTERM)

    code = train(CLASSIFIER, rows(60), Settings(save=path), echo, echo)
    assert code == 128 + signal.SIGTERM
    assert any(line.startswith("4 epochs in ") for line in lines)
    assert lines[-1] == f"saved {path}"


def test_a_run_stopped_in_its_first_epoch_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "stopped"
    code, lines = run(Watched(CLASSIFIER, at(3, signal.SIGINT)), save=path)
    said = "stopped by Ctrl-C before an epoch was done; nothing is saved"
    assert (code, lines[-1], path.exists()) == (130, said, False)


def test_a_loss_that_is_not_finite(tmp_path: Path) -> None:
    def burst(step: int) -> None:
        if step == limit:
            raise FloatingPointError(f"step {step}: the loss is nan")

    path = tmp_path / "last"
    for limit, kept in ((9, [f"! saved {path}: the parameters after epoch 1 of 4"]), (2, [])):
        path.unlink(missing_ok=True)
        code, lines = run(Watched(CLASSIFIER, burst), save=path)
        advice = f"! graphc: step {limit}: the loss is nan; a smaller --learning-rate often helps"
        told = [line for line in lines if line.startswith("!")]
        assert (code, told, path.exists()) == (1, [advice, *kept], bool(kept))


def test_a_loss_that_is_not_finite_from_the_start() -> None:
    text = "input x : [batch]\nparam w : [] = 1\noutput w\nloss mean(square(w * x))"
    large = Loaded((np.full(4, 1e38, np.float32),))
    lines: list[str] = []
    assert train(compile_text(text), large, Settings(), lines.append, lines.append) == 1
    assert lines[-1].startswith("graphc: step 1: the ")
    assert lines[-1].endswith("; the numbers of the data or the first parameters may be too large")


def test_what_a_run_notes_holds_for_the_one_that_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    run(count=40, epochs=1, holdout=0.5, batch_size=5, learning_rate=0.25, save=path)
    module = CLASSIFIER.load()
    notes = read_notes(load_trainer(module, path), path)
    assert notes == Notes({"y": ("even", "odd")}, 0.5, 0, 5, 0.25, rows=40)
    code, lines = run(count=40, epochs=2, resume=path, before=notes, save=path)
    assert (code, lines[0]) == (0, "model: 4 parameters, 20 rows to train on, 20 held out")
    assert lines[2].endswith(": batch size 5, holdout 0.5, learning rate 0.25")
    again = load_trainer(module, path)
    assert (again.steps, read_notes(again, path)) == (8, notes)
    run(count=40, epochs=3, resume=path, before=notes, batch_size=20, holdout=0, save=path)
    assert load_trainer(module, path).steps == 10


def test_a_reader_that_has_seen_enough_loses_nothing_that_was_learnt(tmp_path: Path) -> None:
    def closed(line: str) -> None:
        if line.startswith("epoch 2"):
            raise BrokenPipeError

    path, whole = tmp_path / "kept", tmp_path / "whole"
    with pytest.raises(BrokenPipeError):
        train(CLASSIFIER, rows(60), Settings(save=path), closed, closed)
    run(epochs=2, save=whole)
    assert saved(path) == saved(whole)


def test_data_and_files_that_do_not_fit(tmp_path: Path) -> None:
    other = tmp_path / "other.npz"
    run(FALLING, save=other)
    with pytest.raises(DataError, match=r"other\.npz: .*model: it has w, and not W$"):
        run(resume=other)
    with pytest.raises(FileNotFoundError) as caught:
        run(epochs=1, save=tmp_path / "none" / "out.npz")
    assert caught.value.filename == str(tmp_path / "none" / "out.npz")


@pytest.mark.parametrize("size", [1, 1000])
def test_data_that_the_module_does_not_take_is_told_before_anything_looks_at_it(size: int) -> None:
    strange = Loaded((np.full((4, 3), size, np.float32), np.zeros(4, np.int64)))
    with pytest.raises(DataError, match=r"x: expected \[batch, 2\], batch = 4, got \[4, 3\]"):
        train(CLASSIFIER, strange, Settings(), pytest.fail, pytest.fail)
    labels = Loaded((np.ones((60, 2), np.float32), np.arange(60) // 59 * 7))
    with pytest.raises(DataError, match="y: expected classes 0 to 1, got 0 to 7"):
        train(CLASSIFIER, labels, Settings(), pytest.fail, pytest.fail)


def test_a_mistake_of_what_looks_on_is_not_told_as_one_of_the_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def mistaken(*arguments: object, **options: object) -> None:
        raise ValueError("a mistake")

    for name in ("begin", "epoch"):
        with monkeypatch.context() as patch:
            patch.setattr(Teacher, name, mistaken)
            with pytest.raises(ValueError, match="a mistake") as caught:
                run(epochs=1)
            assert caught.type is ValueError

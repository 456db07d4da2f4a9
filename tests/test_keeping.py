"""What `graphc train --save` writes while it trains, and what it keeps of a run."""

from __future__ import annotations

import errno
import io
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console
from systems import EXAMPLES
from test_training import CLASSIFIER, Watched, at, rows, run, saved

from graphc.cli import graphc
from graphc.training import Settings, keeping, load_trainer, train
from graphc.training.history import History
from graphc.training.meter import Reading
from graphc.training.progress import LiveLine


class Clock:
    """Time that passes only where a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(keeping, "time", SimpleNamespace(perf_counter=lambda: self.now))

    def tick(self, seconds: float) -> None:
        self.now += seconds


def saving(monkeypatch: pytest.MonkeyPatch, taken: Callable[[Any], None]) -> Any:
    """The classifier, compiled; `taken` sees its trainer at each `save`."""
    module: Any = CLASSIFIER.load()
    save = module.Trainer.save

    def watched(trainer: Any, path: Path) -> None:
        taken(trainer)
        save(trainer, path)

    monkeypatch.setattr(module.Trainer, "save", watched)
    known = {name: getattr(CLASSIFIER, name) for name in ("model", "graph", "data")}
    return SimpleNamespace(**known, load=lambda: module)


@pytest.mark.parametrize(
    ("every", "epoch", "write", "expected"),
    [
        (10, 4, 0.1, [3, 6, 9, 12, 12]),
        (10, 11, 0.1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12]),
        (10, 5, 3, [2, 8, 12]),  # 30 seconds, of which writing takes 3
        (0, 1, 3, [*range(1, 13), 12]),
        (100, 1, 0, [12]),
    ],
)
def test_how_often_it_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    every: float,
    epoch: float,
    write: float,
    expected: list[int],
) -> None:
    clock, written = Clock(monkeypatch), []

    def taken(trainer: Any) -> None:
        written.append(trainer.epoch)
        clock.tick(write)

    compiled = saving(monkeypatch, taken)
    watched = Watched(compiled, lambda step: clock.tick(epoch / 12))  # six steps, each seen twice
    run(watched, epochs=12, save=tmp_path / "p.npz", save_every=every)
    assert written == expected


def test_each_epochs_file_is_what_a_run_of_so_many_saves(tmp_path: Path) -> None:
    path, files = tmp_path / "p.npz", []
    last = at(19, signal.SIGINT)

    def look(step: int) -> None:
        if step % 6 == 1 and step > 1:
            files.append(saved(path))
        last(step)

    run(Watched(CLASSIFIER, look), save=path, save_every=0)
    for epochs in (1, 2, 3):
        run(epochs=epochs, save=tmp_path / "whole")
        assert files[2 * epochs - 2] == saved(tmp_path / "whole")


def test_a_signal_while_it_is_written_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.npz"

    def taken(trainer: Any) -> None:
        if trainer.epoch == 2:
            at(0, signal.SIGINT)(0)

    code, lines = run(saving(monkeypatch, taken), save=path, save_every=0)
    assert (code, list(tmp_path.iterdir())) == (130, [path])
    assert lines[-1].startswith("stopped by Ctrl-C after epoch 2 of 4; saved ")
    run(epochs=2, save=tmp_path / "whole")
    assert saved(path) == saved(tmp_path / "whole")


def test_how_often_needs_what_is_written() -> None:
    line = [str(EXAMPLES / "line.nn"), "--data", str(EXAMPLES / "line.csv")]
    result = CliRunner().invoke(graphc, ["train", *line, "--save-every", "3"])
    assert result.exit_code == 2
    assert result.stderr.endswith("Error: --save-every says how often to write; it needs --save.\n")


def test_what_goes_wrong_is_a_line_of_its_own_beside_a_live_one() -> None:
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=80)
    reading = Reading(1, 9, 0.5, None, None, 0.0, "steps", 0.0)
    meter: Any = SimpleNamespace(
        read=lambda: reading, done=0.5, history=History(), end=lambda: None
    )
    with LiveLine(meter, console, lambda line: print(line, file=terminal)) as shown:
        shown.tell("the disk is full")
    before, after = terminal.getvalue().split("the disk is full\n")
    assert before.endswith("\x1b[2K")  # the live line is wiped off
    assert "epoch 1/9" in after


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EPIPE])
def test_what_cannot_be_printed_loses_nothing(tmp_path: Path, number: int) -> None:
    path, lines = tmp_path / "p.npz", list[str]()

    def echo(line: str) -> None:
        lines.append(line)
        if line.startswith("epoch"):
            raise OSError(number, "cannot be written")

    with pytest.raises(OSError, match="cannot be written"):
        train(CLASSIFIER, rows(60), Settings(save=path), echo, lines.append)
    assert load_trainer(CLASSIFIER.load(), path).epoch == 1

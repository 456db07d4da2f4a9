"""A report is written however a run ends."""

from __future__ import annotations

import errno
import os
import re
import shlex
import signal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from reports import (
    CIRCUIT,
    DIGITS,
    SINE,
    cards,
    confusion,
    read,
    words,
)
from test_cli_train import run
from test_training import Watched, at

from graphc.compiled import compile_file
from graphc.data import Loaded, load
from graphc.reported import Follower, origin
from graphc.training import Settings, train


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_run_of_hardly_any_epochs(tmp_path: Path, epochs: int) -> None:
    path = tmp_path / "report.html"
    run("train", *DIGITS[:3], "--epochs", epochs, "--report", path)
    page = read(path)
    assert ("curves" in page) == (epochs == 1)
    assert cards(page)["parameters"] == f"epoch {epochs}"


def test_a_run_that_fails_reports_so(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    told = run("train", *DIGITS, "--learning-rate", 1000, "--report", path, code=1)
    page = read(path)
    failure = re.findall(r"graphc: (step .*)", told)[0]
    assert words(page["ending"]) == failure
    assert "warnings" not in page or failure not in words(page["warnings"])
    assert cards(page)["parameters"] == "epoch 0"
    assert sum(map(sum, confusion(page))) == 359


def test_a_run_that_is_stopped_reports_what_it_has_come_to(tmp_path: Path) -> None:
    compiled = compile_file(SINE[0])
    arrays = load(SINE[2], compiled.data, dtype="float32").arrays
    path = tmp_path / "report.html"
    command = ["graphc", "train", *map(str, SINE), "--report", str(path)]
    follower = Follower(path, origin(compiled, command, SINE[0], data=SINE[2]))
    watched = Watched(compiled, at(13 * 2 + 5, signal.SIGINT))
    settings = Settings(epochs=4, follower=follower)
    lines: list[str] = []
    assert train(watched, Loaded(arrays), settings, lines.append, lines.append) == 130
    first = read(path)
    assert words(first["ending"]) == "stopped by Ctrl-C after epoch 2 of 4"
    command = shlex.split(words(first["command"]))
    assert command[command.index("--epochs") + 1] == "2"
    run(*command[1:])
    again = read(path)
    assert cards(again) == {**cards(first)}
    for name in ("curves", "fit", "spreads"):
        assert ElementTree.tostring(again[name]) == ElementTree.tostring(first[name])


def test_a_report_is_written_though_nobody_reads_how_the_run_ended(tmp_path: Path) -> None:
    compiled, path = compile_file(CIRCUIT), tmp_path / "report.html"
    follower = Follower(path, origin(compiled, ["graphc", "train", str(CIRCUIT)], CIRCUIT))

    def echo(line: str) -> None:
        if " epochs in " in line:
            raise BrokenPipeError

    settings = Settings(follower=follower)
    with pytest.raises(BrokenPipeError):
        train(compiled, Loaded(()), settings, echo, echo)
    assert "ending" not in read(path)


def test_a_report_is_written_though_no_terminal_is_there_to_begin_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def progress(*arguments: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    compiled, path = compile_file(CIRCUIT), tmp_path / "report.html"
    follower = Follower(path, origin(compiled, ["graphc", "train", str(CIRCUIT)], CIRCUIT))
    monkeypatch.setattr("graphc.training.run.progress", progress)
    with pytest.raises(OSError, match="Input/output error"):
        train(compiled, Loaded(()), Settings(follower=follower), print, print)
    assert "an output that nobody reads after epoch 0" in words(read(path)["ending"])


def test_a_run_goes_on_where_there_is_no_room_to_look_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr("graphc.training.probe.Probe.look", look)
    path = tmp_path / "report.html"
    assert run("train", *DIGITS, "--report", path).endswith(f"wrote {path}\n")


def test_a_report_is_written_though_nothing_can_be_saved(tmp_path: Path) -> None:
    compiled, path = compile_file(CIRCUIT), tmp_path / "report.html"
    follower = Follower(path, origin(compiled, ["graphc", "train", str(CIRCUIT)], CIRCUIT))
    settings = Settings(follower=follower, save=tmp_path / "gone" / "p.npz")
    with pytest.raises(FileNotFoundError):
        train(compiled, Loaded(()), settings, print, print)
    assert cards(read(path))["parameters"].startswith("epoch ")

"""`graphc train --log`: a row for each epoch, whole at any time, gone on with by --resume."""

from __future__ import annotations

import csv
import errno
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from systems import EXAMPLES
from test_patience import FALLING, RESTLESS
from test_patience import run as run_restless
from test_training import CLASSIFIER, Watched, at, run

from graphc.cli import graphc
from graphc.data import DataError
from graphc.training import load_trainer
from graphc.training.history import Epoch
from graphc.training.log import Log

IRIS = [str(EXAMPLES / "iris.nn"), "--data", str(EXAMPLES / "iris.csv")]


def rows(path: Path) -> list[dict[str, str]]:
    text = path.read_text()
    assert text.endswith("\n")
    table = list(csv.DictReader(text.splitlines()))
    assert all(None not in row and None not in row.values() for row in table)
    return table


def losses(path: Path) -> list[str]:
    """All but the times."""
    return [",".join(v for k, v in row.items() if k != "seconds") for row in rows(path)]


def invoke(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(graphc, ["train", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


def test_every_epoch_has_a_row_of_what_it_came_to(tmp_path: Path) -> None:
    log, path = tmp_path / "log.csv", tmp_path / "p.npz"
    printed = invoke(*IRIS, "--log", log, "--save", path)
    table = rows(log)
    assert list(table[0]) == ["epoch", "loss", "held_loss", "accuracy", "seconds"]
    assert [int(row["epoch"]) for row in table] == list(range(1, 61))
    seconds = [float(row["seconds"]) for row in table]
    assert seconds == sorted(seconds)
    last = table[-1]
    told = f"loss {float(last['loss']):.4g}; held out: loss {float(last['held_loss']):.4g}, "
    assert f"{told}accuracy {100 * float(last['accuracy']):.1f} %\n" in printed


def test_a_model_without_data_has_a_loss_alone(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    run(FALLING, epochs=2, log=log)
    assert log.read_text().startswith("epoch,loss,held_loss,seconds\n1,1.0,,0.0")
    assert losses(log) == ["1,1.0,", "2,0.5,"]


def test_a_row_is_there_as_soon_as_its_epoch_is_done(tmp_path: Path) -> None:
    log, seen = tmp_path / "log.csv", []

    def look(step: int) -> None:
        seen.append(len(rows(log)) if log.exists() else 0)

    log.write_text("what stood there before\n")
    log.unlink()
    run(Watched(CLASSIFIER, look), log=log)
    assert seen == [(step // 12) for step in range(48)]  # six steps, each seen twice


@pytest.mark.parametrize("step", [13, 15, 18])
def test_a_stopped_run_leaves_whole_rows_and_goes_on(tmp_path: Path, step: int) -> None:
    log, path, whole = tmp_path / "log.csv", tmp_path / "p", tmp_path / "whole.csv"
    run(Watched(CLASSIFIER, at(step, signal.SIGINT)), log=log, save=path)
    assert len(rows(log)) == 2
    before = float(rows(log)[-1]["seconds"])
    run(log=log, resume=path)
    run(log=whole)
    assert losses(log) == losses(whole)
    assert float(rows(log)[2]["seconds"]) >= before


def test_rows_after_the_epoch_that_is_gone_on_from_are_replaced(tmp_path: Path) -> None:
    log, path, whole = tmp_path / "log.csv", tmp_path / "p", tmp_path / "whole.csv"
    run_restless(log=log, save=path, patience=4)
    best = load_trainer(RESTLESS.load(), path).epoch
    assert len(rows(log)) == best + 4
    run_restless(log=log, resume=path, epochs=best + 2, patience=0)
    run_restless(log=whole, epochs=best + 2)
    assert losses(log) == losses(whole)


def test_what_a_kill_tore_off_is_left_out(tmp_path: Path) -> None:
    log, path = tmp_path / "log.csv", tmp_path / "p"
    run(log=log, save=path, epochs=2)
    whole = log.read_text()
    log.write_text(f"{whole}3,0.12")
    run(log=log, resume=path)
    assert log.read_text().startswith(whole)
    assert [row["epoch"] for row in rows(log)] == ["1", "2", "3", "4"]


def test_columns_that_are_new_are_empty_before(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("epoch,loss,held_loss,mae,seconds\n1,2.0,,3.0,0.5\n")
    Log(log, ["accuracy"], 1).write()
    assert log.read_text() == "epoch,loss,held_loss,mae,accuracy,seconds\n1,2.0,,3.0,,0.5\n"


def test_a_run_begins_anew_without_resume_but_not_before_an_epoch_is_done(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("old\n")
    run(Watched(CLASSIFIER, at(3, signal.SIGINT)), log=log)
    assert log.read_text() == "old\n"
    run(log=log, epochs=1)
    assert len(rows(log)) == 1


def test_columns_of_others_stay_whole_and_those_of_a_log_are_always_there(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text('epoch,"my note",seconds\n1,"large, ""odd""",0.5\n')
    Log(log, [], 1).add(Epoch(2, 3.0, None, {}, 0.25), print)
    first, second = rows(log)
    assert (first["my note"], first["loss"], first["seconds"]) == ('large, "odd"', "", "0.5")
    assert (second["my note"], second["loss"], second["seconds"]) == ("", "3.0", "0.750")


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2\n",
        "epoch,seconds\nx,1\n",
        "\0\n",
        'epoch\n"1\n\n',
        "a line of another file, without an end",
        "epoch,seconds\n1,0.5,6\n",
        "epoch,loss,loss,seconds\n1,2,3,0.5\n",
        "epoch,seconds\n1,1e999\n",
    ],
)
def test_another_file_is_not_gone_on_with(tmp_path: Path, content: str) -> None:
    log, path = tmp_path / "log.csv", tmp_path / "p"
    run(save=path, epochs=1)
    log.write_text(content)
    with pytest.raises(DataError, match=r"log\.csv: no log to go on with; --log with another name"):
        run(log=log, resume=path)
    assert log.read_text() == content


def test_what_may_not_be_overwritten_is_not(tmp_path: Path) -> None:
    data = tmp_path / "iris.csv"
    data.write_bytes((EXAMPLES / "iris.csv").read_bytes())
    told = invoke(IRIS[0], "--data", data, "--log", data, code=2)
    assert "the output would replace what is read" in told
    assert data.read_bytes() == (EXAMPLES / "iris.csv").read_bytes()
    kept = tmp_path / "kept.csv"
    invoke(*IRIS, "--epochs", 1, "--save", tmp_path / "p.npz")
    (tmp_path / "p.npz").rename(kept)
    told = invoke(*IRIS, "--resume", kept, "--log", kept, code=2)
    assert "the output would replace what is read" in told
    assert "expected a name that ends in .csv" in invoke(*IRIS, "--log", "log.txt", code=2)
    assert "/none: No such file" in invoke(*IRIS, "--log", "/none/log.csv", code=2)


@pytest.mark.parametrize("times", [1, 2])
def test_a_full_disk_stops_nothing_and_tears_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    log, path, opened, full = tmp_path / "log.csv", tmp_path / "p", Path.open, [True] * times

    class File:
        """One that takes three bytes and no more while the disk is full."""

        def __init__(self, *how: Any, **options: Any) -> None:
            self.file = opened(*how, **options)
            self.tell, self.truncate = self.file.tell, self.file.truncate

        def __enter__(self) -> File:
            return self

        def __exit__(self, *error: object) -> None:
            self.file.close()

        def write(self, content: bytes) -> int:
            return int(self.file.write(content[:3] if full and full.pop() else content))

    monkeypatch.setattr(
        Path, "open", lambda it, *a, **k: File(it, *a, **k) if it == log else opened(it, *a, **k)
    )
    lines = run(log=log, save=path)[1]
    monkeypatch.undo()
    told = f"! graphc: {log}: {os.strerror(errno.ENOSPC)}; trains on, tries again"
    assert [line for line in lines if line.startswith("!")] == [told]
    assert [row["epoch"] for row in rows(log)] == ["1", "2", "3", "4"]


def test_what_cannot_be_written_to_the_end_is_an_error_and_loses_nothing_else(
    tmp_path: Path,
) -> None:
    folder, path = tmp_path / "gone", tmp_path / "p"
    folder.mkdir()

    def leave(step: int) -> None:
        if step == 7 and folder.exists():
            (folder / "log.csv").unlink()
            folder.rmdir()

    with pytest.raises(FileNotFoundError) as caught:
        run(Watched(CLASSIFIER, leave), log=folder / "log.csv", save=path)
    assert caught.value.filename == str(folder / "log.csv")
    assert load_trainer(CLASSIFIER.load(), path).epoch == 4

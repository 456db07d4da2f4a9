"""Data that is no plain file, or does not keep still: pipes, directories, files that change."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from data_cases import WRITE, X, Y, told

from graphc.data import load, table


def test_a_table_comes_through_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    os.mkfifo(path)
    for text, bad in (("a,b,y\n1,2,0\n", False), ("a,b,y\n1,2,0\n1,2,é\n", True)):
        content = text.encode("latin-1")
        writer = threading.Thread(target=path.write_bytes, args=(content,))
        writer.start()
        if bad:
            expected = "d.csv, line 3: expected UTF-8 text, got other bytes"
            assert told(path, (X, Y)) == expected
        else:
            assert [one.tolist() for one in load(path, (X, Y)).arrays] == [[[1, 2]], [0]]
        writer.join()


def test_arrays_do_not_and_that_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    os.mkfifo(path)
    with pytest.raises(OSError, match=r"not a file; arrays are not read from a pipe: '.*d\.npz'"):
        load(path, (X, Y))


@pytest.mark.parametrize("name", ["d.csv", "d.npz", "d.npy"])
def test_a_directory_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        load(tmp_path / name, (X, Y))
    assert caught.value.filename == str(tmp_path / name)


@pytest.mark.parametrize("more", ["1,2,0\n", "1,2"])
def test_a_file_that_grows_is_told(
    csv_file: WRITE, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    path = csv_file("a,b,y\n" + "1,2,0\n" * 5)
    read = table.match_columns

    def grown(*arguments: object) -> object:
        with path.open("a") as file:
            file.write(more)
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(table, "match_columns", grown)
    assert told(path, (X, Y)) == "d.csv: the file was changed while it was read; try again"


def test_a_file_that_vanishes_is_read_to_its_end(
    csv_file: WRITE, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = csv_file("a,b,y\n" + "1,2,0\n" * 50_000)
    read = table.match_columns

    def gone(*arguments: object) -> object:
        path.unlink()
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(table, "match_columns", gone)
    assert load(path, (X, Y)).arrays[0].shape == (50_000, 2)
    with pytest.raises(FileNotFoundError):
        load(path, (X, Y))


def test_arrays_that_change_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, x=np.ones((3, 2)), y=[0, 1, 2])
    read = np.load

    def grown(*arguments: object, **options: object) -> object:
        with path.open("ab") as file:
            file.write(b"more")
        return read(*arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(np, "load", grown)
    assert told(path, (X, Y)) == "d.npz: the file was changed while it was read; try again"


@pytest.fixture(autouse=True)
def no_blocking() -> Iterator[None]:
    """A pipe that nobody writes to would be waited for without end."""
    timer = threading.Timer(20, os._exit, (1,))
    timer.start()
    yield
    timer.cancel()

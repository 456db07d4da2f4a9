"""Predictions, written as a table or as arrays."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import numpy as np
import pytest
from data_cases import WRITE, X, Y

from graphc.data import CallError, DataError, load
from graphc.data.output import (
    archive_of,
    check_output,
    class_names,
    csv_text,
    insist_on_rows,
    predict_rows,
    predicted_labels,
)
from graphc.files import write_atomically
from graphc.model import Data


def test_a_table_of_predictions() -> None:
    outputs = {
        "p": np.array([[0.1, 2], [1e-20, 1 / 3]], np.float32),
        "q": np.array([1.5, 2.0]),
        "r": np.arange(8).reshape(2, 2, 2),
    }
    assert csv_text(outputs, {"kind": ["a, b", "c"]}).splitlines() == [
        'p[0],p[1],q,"r[0,0]","r[0,1]","r[1,0]","r[1,1]",kind',
        '0.1,2.0,1.5,0,1,2,3,"a, b"',
        "1e-20,0.33333334,2.0,4,5,6,7,c",
    ]


def test_what_predict_writes_can_be_read_again(csv_file: WRITE) -> None:
    table = np.random.default_rng(0).normal(size=(5, 2, 2))
    image = Data("i", "input", False, ("batch", 2, 2), None)
    (again,) = load(csv_file(csv_text({"i": table}, {})), (image,)).arrays
    assert (again == table).all()


def test_a_long_table_has_every_row_once() -> None:
    numbers = np.arange(10_000)
    text = csv_text({"p": numbers, "q": numbers[:, None] * [1, 2]}, {"kind": [*map(str, numbers)]})
    rows = [[int(cell) for cell in line.split(",")] for line in text.splitlines()[1:]]
    assert rows == [[n, n, 2 * n, n] for n in range(10_000)]


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_rows_of_an_output_are_found_on_any_axis(rows: int) -> None:
    def model(x: np.ndarray) -> dict[str, np.ndarray]:
        return {"p": np.repeat(x[:, :1].T, 3, axis=0), "q": x.sum(axis=1)}

    x = np.arange(2.0 * rows).reshape(rows, 2)
    found = predict_rows(model, ("p", "q"), (X,), (x,), model(x))
    assert found["p"].tolist() == [[value] * 3 for value in x[:, 0]]
    assert found["q"].shape == (rows,)


def test_an_output_without_rows() -> None:
    def mean(x: np.ndarray) -> np.ndarray:
        return np.asarray(x.mean(axis=0))

    x = np.ones((3, 2))
    outputs = {"m": mean(x)}
    rows = predict_rows(mean, ("m",), (X,), (x,), outputs)
    assert rows == {}
    with pytest.raises(DataError, match=r"output 'm' is \[2\], which has no row for each"):
        insist_on_rows(outputs, rows)
    assert predict_rows(mean, ("m",), (), (), {"m": np.array(3.0)})["m"].tolist() == [3]


def test_labels_of_the_largest_score() -> None:
    scores = {"loss": np.ones(2), "p": np.array([[1.0, 5, 2], [9, 0, 1]])}
    assert predicted_labels((X, Y), {"y": ("a", "b", "c")}, scores) == {"y": ["b", "a"]}
    assert predicted_labels((X, Y), {"y": ("a", "b")}, scores) == {"y": ["b", "a"]}
    scores["p"] = scores["p"][:, ::-1]
    assert predicted_labels((X, Y), {"y": ("a", "b")}, scores) == {"y": ["b", "2"]}
    assert predicted_labels((X, Y), {}, scores) == {}


def test_columns_of_scores_have_the_names_of_the_classes() -> None:
    outputs = {"h": np.ones((1, 2)), "z": np.array([[1.0, 5, 2]]), "p": np.array([[0.2, 0.7, 0.1]])}
    names = class_names((X, Y), {"y": ("a, b", "c")}, outputs)
    assert csv_text(outputs, {"y": ["c"]}, names).splitlines() == [
        'h[0],h[1],"z[a, b]",z[c],z[2],"p[a, b]",p[c],p[2],y',
        "1.0,1.0,1.0,5.0,2.0,0.2,0.7,0.1,c",
    ]
    assert class_names((X, Y), {}, outputs) == {}


def test_outputs_that_cannot_be_written_are_told_first(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        check_output(tmp_path, ())
    with pytest.raises(FileNotFoundError):
        check_output(tmp_path / "none" / "out.csv", ())
    with pytest.raises(OSError, match="not a file that can be replaced"):
        check_output(Path("/dev/null"), ())
    source = tmp_path / "data.csv"
    source.touch()
    (tmp_path / "link.csv").symlink_to(source)
    with pytest.raises(CallError, match="would replace what is read"):
        check_output(tmp_path / "link.csv", (None, source))
    check_output(tmp_path / "out.csv", (None, source))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data.csv", "link.csv"]


def test_a_folder_that_takes_no_files_is_told_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one of a disk that is full or only read, or /sys, which root seems to be let write to."""

    def refuse(**options: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), options["dir"])

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(OSError, match="Read-only file system") as caught:
        check_output(tmp_path / "out.npz", ())
    assert caught.value.filename == str(tmp_path)


def test_arrays_of_any_name(tmp_path: Path) -> None:
    outputs: dict[str, np.ndarray] = {"file": np.ones((2, 3), np.float32), "args": np.arange(2)}
    (tmp_path / "o.npz").write_bytes(archive_of(outputs))
    with np.load(tmp_path / "o.npz") as written:
        assert {name: written[name].tolist() for name in written.files} == {
            name: array.tolist() for name, array in outputs.items()
        }


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, link = tmp_path / "out.csv", tmp_path / "link.csv"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)

    def fail(*_: object) -> None:
        raise OSError(28, "no space left")

    for fault in ("os.fsync", "os.chmod", "os.replace"):
        with monkeypatch.context() as patched:
            patched.setattr(fault, fail)
            with pytest.raises(OSError, match="no space left") as caught:
                write_atomically(link, b"new")
        assert caught.value.filename == str(link)
        assert path.read_text() == "old"
    write_atomically(link, b"new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)
    assert sorted(tmp_path.iterdir()) == [link, path]
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path, b"new")


def test_what_a_kill_left_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    names = [
        ".out.csv.abcdefg1.part",
        ".out.csv.abcdefg2.part",
        ".other.csv.abcdefg3.part",
        ".out.csv.4",
        "out.csv.part",
    ]
    left, writing, *others = (tmp_path / name for name in names)
    for path in (left, writing, *others):
        path.touch()
    with open(writing, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_atomically(tmp_path / "out.csv", b"new")
        assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "out.csv", writing, *others])
    write_atomically(tmp_path / "out.csv", b"new")
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "out.csv", *others])

"""Data files: what is read, and what is said about those that do not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graphc.model import Data

from graphc.data import DataError, Loaded, load, parse_columns, row_count, split, take
from graphc.data.output import (
    archive_of,
    check_output,
    csv_text,
    predict_rows,
    predicted_labels,
)
from graphc.files import write_atomically

X = Data("x", "input", False, ("batch", 2), None)
Y = Data("y", "target", True, ("batch",), 3)
T = Data("t", "target", False, ("batch", 1), None)
WRITE = Callable[..., Path]


@pytest.fixture
def csv_file(tmp_path: Path) -> WRITE:
    def write(text: str | bytes) -> Path:
        path = tmp_path / "d.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def npz_file(tmp_path: Path) -> WRITE:
    def write(**arrays: Any) -> Path:
        path = tmp_path / "d.npz"
        np.savez(path, **{name: np.asarray(array) for name, array in arrays.items()})
        return path

    return write


def told(path: Path, data: Sequence[Data], **options: Any) -> str:
    """The message of the error that `load` raises, the path cut to its name."""
    with pytest.raises(DataError) as caught:
        load(path, data, **options)
    message = str(caught.value).replace(str(path), path.name)
    assert len(message.splitlines()) <= 2
    return message


def columns(**names: str) -> dict[str, tuple[str, ...]]:
    return parse_columns([f"{name}={text}" for name, text in names.items()])


# CSV: what is read


def test_columns_go_by_declaration_and_labels_become_classes(csv_file: WRITE) -> None:
    path = csv_file("width,height,kind\n1,2,rose\n3,4.5,iris\n5,-6e1,lily\n7,8,iris\n")
    loaded = load(path, (X, Y))
    x, y = loaded.arrays
    assert x.tolist() == [[1, 2], [3, 4.5], [5, -60], [7, 8]]
    assert y.tolist() == [2, 0, 1, 0]
    assert y.dtype == np.int64
    assert loaded.labels == {"y": ("iris", "lily", "rose")}


def test_class_numbers_stand_for_themselves(csv_file: WRITE) -> None:
    loaded = load(csv_file("a,b,y\n1,2,2\n1,2,0.0\n"), (X, Y))
    assert loaded.arrays[1].tolist() == [2, 0]
    assert loaded.labels == {}


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfa,b,t\r\n1,2,3\r\n4,5,6\r\n",
        b'"a", "b",t\n "1", 2 ,3\n\n4,5,"6"\n\n\n',
        b"a,b,t\n1,2,3\n4,5,6",
        b"a,b,t\r1,2,3\r4,5,6\r",
    ],
    ids=["bom and crlf", "quotes and blank lines", "no last newline", "old mac"],
)
def test_dialects(csv_file: WRITE, text: bytes) -> None:
    x, t = load(csv_file(text), (X, T)).arrays
    assert x.tolist() == [[1, 2], [4, 5]]
    assert t.tolist() == [[3], [6]]


def test_header_with_the_names_of_the_data_wins_over_position(csv_file: WRITE) -> None:
    path = csv_file("id,y,x[1],x[0]\n9,1,20,10\n9,2,40,30\n")
    x, y = load(path, (X, Y)).arrays
    assert x.tolist() == [[10, 20], [30, 40]]
    assert y.tolist() == [1, 2]


def test_what_is_not_named_takes_the_columns_left(csv_file: WRITE) -> None:
    x, y = load(csv_file("y,a,b\n1,10,20\n"), (X, Y)).arrays
    assert (x.tolist(), y.tolist()) == ([[10, 20]], [1])


def test_chosen_columns(csv_file: WRITE) -> None:
    path = csv_file('id,"b, c",a,class\n7,1,2,0\n8,3,4,1\n')
    x, y = load(path, (X, Y), columns=columns(x='a,"b, c"', y="class")).arrays
    assert x.tolist() == [[2, 1], [4, 3]]
    assert y.tolist() == [0, 1]


def test_the_same_columns_may_be_input_and_target(csv_file: WRITE) -> None:
    again = Data("again", "target", False, ("batch", 2), None)
    loaded = load(csv_file("a,b\n1,2\n"), (X, again), columns=columns(x="a,b", again="b,a"))
    assert [array.tolist() for array in loaded.arrays] == [[[1, 2]], [[2, 1]]]


def test_batch_on_the_last_axis_and_rows_of_a_matrix(csv_file: WRITE) -> None:
    wide = Data("w", "input", False, (2, "batch"), None)
    image = Data("i", "input", False, ("batch", 2, 2), None)
    w, i = load(csv_file("a,b,c,d,e,f\n1,2,3,4,5,6\n7,8,9,10,11,12\n"), (wide, image)).arrays
    assert w.tolist() == [[1, 7], [2, 8]]
    assert i.tolist() == [[[3, 4], [5, 6]], [[9, 10], [11, 12]]]


def test_a_run_time_dimension_gets_its_size_from_the_columns(csv_file: WRITE) -> None:
    text = Data("text", "input", True, ("batch", "time"), 5)
    path = csv_file("w1,w2,w3\n0,1,2\n3,4,0\n")
    assert load(path, (text,), columns=columns(text="w1,w2,w3")).arrays[0].shape == (2, 3)
    assert "use --columns text=…" in told(path, (text,))


def test_dtype_is_the_models(csv_file: WRITE) -> None:
    assert load(csv_file("a,b\n1,2\n"), (X,), dtype="float32").arrays[0].dtype == np.float32
    message = told(csv_file("a,b\n1,2\n3,1e300\n"), (X,), dtype="float32")
    assert message == (
        "d.csv, row 3, column 'b': expected a finite number, got 1e+300 (too large for float32)"
    )


# CSV: to predict


@pytest.mark.parametrize(
    ("header", "expected"),
    [("a,b", [1, 2]), ("a,b,kind", [1, 2]), ("id,x[1],x[0]", [5, 2]), ("y,a,b", [2, 5])],
)
def test_targets_may_stand_in_a_file_to_predict(
    csv_file: WRITE, header: str, expected: list[int]
) -> None:
    path = csv_file(f"{header}\n{'1,2,5'[: 2 * len(header.split(',')) - 1]}\n")
    (x,) = load(path, (X, Y), inputs_only=True).arrays
    assert x.tolist() == [expected]


def test_labels_are_known_only_if_all_of_them_occur(csv_file: WRITE) -> None:
    full = csv_file("a,b,kind\n1,2,c\n1,2,a\n1,2,b\n")
    assert load(full, (X, Y), inputs_only=True).labels == {"y": ("a", "b", "c")}
    for cells in ("c a a", "c a nan", "c 1 b"):
        some = csv_file("a,b,kind\n" + "".join(f"1,2,{cell}\n" for cell in cells.split()))
        assert load(some, (X, Y), inputs_only=True).labels == {}
    assert load(csv_file("a,b,kind\n1,2,\n"), (X, Y), inputs_only=True).labels == {}


def test_text_inputs_of_a_file_to_predict_need_all_labels(csv_file: WRITE) -> None:
    colour = Data("colour", "input", True, ("batch",), 3)
    path = csv_file("colour\nred\nblue\n")
    assert load(path, (colour,)).arrays[0].tolist() == [1, 0]
    assert "'blue', 'red' are not all the classes" in told(path, (colour,), inputs_only=True)


# CSV: what is told


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "d.csv: the file is empty; expected a header of column names"),
        ("\n\n", "d.csv: the file is empty; expected a header of column names"),
        ("a,b,y\n", "d.csv: expected rows of data, got a header alone"),
        ("a,b,y\n1,2,0\n\n1,x7,0\n", "d.csv, row 4, column 'b': expected a number, got 'x7'"),
        ("a,b,y\n1,,0\n", "d.csv, row 2, column 'b': expected a number, got an empty cell"),
        ("a,b,y\n1,2,0\n1,nan,0\n", "row 3, column 'b': expected a finite number, got nan"),
        ("a,b,y\n-inf,2,0\n", "row 2, column 'a': expected a finite number, got -inf"),
        ("a,b,y\n1e400,2,0\n", "row 2, column 'a': expected a finite number, got inf"),
        ("a,b,y\n1_0,2,0\n", "row 2, column 'a': expected a number, got '1_0'"),
        ("a,b,y\n1,٣,0\n", "row 2, column 'b': expected a number, got '٣'"),
        ("a,b,y\n1,0x10,0\n", "row 2, column 'b': expected a number, got '0x10'"),
        ("a,b,y\n1,2,0\n1,2\n", "d.csv, row 3: expected 3 cells, as in the header, got 2"),
        ("a,b,y\n1,2,0,4\n", "d.csv, row 2: expected 3 cells, as in the header, got 4"),
        ("a,b,a\n1,2,0\n", "d.csv: columns 1 and 3 are both called 'a'"),
        (",a,b\n0,1,2\n", "d.csv: column 1 has no name"),
        ("1.5,2,0\n3,4,1\n", "expected a first row of column names, got the numbers '1.5', '2'"),
        ("a,b\n1,2\n", "expected 3 columns (2 for x [batch, 2], 1 for y int[batch]), got 2"),
        ("a,b,c,y\n1,2,3,4\n", "expected 2 columns (2 for x [batch, 2]), got 3 that are not taken"),
        ("a;b;y\n1;2;0\n", "expected commas between the columns, got ';'"),
        ("a,b,y\n1,2,3\n", "column 'y': expected a class from 0 to 2, got '3' (y is int[batch])"),
        ("a,b,y\n1,2,-1\n", "column 'y': expected a class from 0 to 2, got '-1'"),
        ("a,b,y\n1,2,1.5\n", "column 'y': expected a whole number, got '1.5'"),
        ("a,b,y\n1,2,0\n1,2,\n", "d.csv, row 3, column 'y': a value is missing"),
        ("a,b,y\n1,2,0\n1,2,red\n", "row 3, column 'y': expected a class number, as '0' elsewhere"),
        ("a,b,y\n1,2,p\n1,2,q\n1,2,r\n1,2,s\n", "expected at most 3 labels, one for each class"),
        ("a,b,y\n1,2,99999999999999999999999\n", "expected a class from 0 to 2, got '9999999999"),
        ('a,b,y\n1,"2"3,0\n', "d.csv, line 2: "),
        ('a,b,y\n1,"2,0\n', "d.csv, line 2: "),
    ],
)
def test_what_is_told(csv_file: WRITE, text: str, message: str) -> None:
    assert message in told(csv_file(text), (X, Y))


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"z": "a"}, "--columns z=…: the model has no 'z', only 'x', 'y'"),
        ({"x": "a"}, "--columns x=…: expected 2 columns for x [batch, 2], got 1"),
        ({"x": "a,c"}, "d.csv: no column 'c'; the columns are 'a', 'b', 'y'"),
    ],
)
def test_columns_that_do_not_fit(csv_file: WRITE, chosen: dict[str, str], message: str) -> None:
    assert message in told(csv_file("a,b,y\n1,2,0\n"), (X, Y), columns=columns(**chosen))


@pytest.mark.parametrize("option", ["x", "x=", "=a", "x=a,,b"])
def test_column_options_that_do_not_read(option: str) -> None:
    with pytest.raises(DataError, match=r"expected NAME=COLUMN,COLUMN"):
        parse_columns([option])
    with pytest.raises(DataError, match="given twice"):
        parse_columns(["x=a", "x=b"])


def test_bytes_that_are_no_text(csv_file: WRITE) -> None:
    path = csv_file(b"a,b,y\n1,2,0\n1,2,\xe9t\xe9\n")
    assert told(path, (X, Y)) == "d.csv, line 3: expected UTF-8 text, got other bytes"


def test_data_without_a_batch_has_no_rows(csv_file: WRITE) -> None:
    fixed = Data("x", "input", False, (4, 2), None)
    assert "give this data as .npz" in told(csv_file("a,b\n1,2\n"), (fixed,))


def test_a_message_stays_short(csv_file: WRITE) -> None:
    wide = ",".join(f"column{number}" for number in range(5000))
    assert len(told(csv_file(f"{wide}\n"), (X, Y))) < 400
    assert len(told(csv_file(f"a,b,y\n1,{'z' * 9999},0\n"), (X, Y))) < 200


def test_a_missing_file_is_an_oserror(tmp_path: Path) -> None:
    for name in ("none.csv", "none.npz", "none.npy"):
        with pytest.raises(FileNotFoundError):
            load(tmp_path / name, (X,))
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        load(tmp_path / "dir.csv", (X,))
    assert told(tmp_path / "d.xlsx", (X,)) == "d.xlsx: expected a .csv, .npz or .npy file"


# Arrays


def test_arrays_by_name(npz_file: WRITE) -> None:
    path = npz_file(y=np.array([2, 0], np.uint8), x=np.array([[1, 2], [3, 4]]))
    x, y = load(path, (X, Y), dtype="float32").arrays
    assert (x.dtype, y.dtype) == (np.float32, np.int64)
    assert (x.tolist(), y.tolist()) == ([[1, 2], [3, 4]], [2, 0])
    assert len(load(path, (X, Y), inputs_only=True).arrays) == 1


def test_text_labels_in_an_array(npz_file: WRITE) -> None:
    path = npz_file(x=np.ones((3, 2)), y=["b", "c", "a"])
    loaded = load(path, (X, Y))
    assert loaded.arrays[1].tolist() == [1, 2, 0]
    assert loaded.labels == {"y": ("a", "b", "c")}
    assert load(path, (X, Y), inputs_only=True).labels == loaded.labels


def test_one_array_serves_a_model_with_one_input(tmp_path: Path) -> None:
    path = tmp_path / "d.npy"
    np.save(path, np.ones((3, 2)))
    assert load(path, (X,)).arrays[0].shape == (3, 2)
    assert load(path, (X, Y), inputs_only=True).arrays[0].shape == (3, 2)
    assert told(path, (X, Y)) == (
        "d.npy: one array without a name, but the model takes x [batch, 2], y int[batch]; "
        "save them by name: np.savez('data.npz', x=x, y=y)"
    )


GOOD = {"x": np.ones((2, 2)), "y": np.array([0, 1])}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": None}, "no array 'y'; expected x [batch, 2], y int[batch], got the arrays 'x'"),
        ({"z": [1]}, "the model has no 'z'; expected x [batch, 2], y int[batch], got the arrays"),
        ({"x": np.ones((2, 3))}, "array 'x': expected [batch, 2], got [2, 3]"),
        ({"x": np.ones(2)}, "array 'x': expected [batch, 2], got [2]"),
        ({"x": np.ones((0, 2))}, "expected [batch, 2] with at least one row, got [0, 2]"),
        ({"x": np.ones((3, 2))}, "batch is 3 in 'x', but 2 in 'y'; expected the same in both"),
        ({"x": [[1, 2], [3, 4j]]}, "array 'x': expected numbers, [batch, 2], got complex128"),
        ({"x": [["a", "b"], ["c", "d"]]}, "array 'x': expected numbers, [batch, 2], got <U1"),
        ({"x": [[1, 2], [np.nan, 3]]}, "expected finite numbers, got nan at [1, 0]"),
        ({"x": [[1, 2], [3, 1e39]]}, "got 1e+39 (too large for float32) at [1, 1]"),
        ({"y": [0.0, 1.0]}, "array 'y': expected integers, int[batch], got float64"),
        ({"y": [0, 3]}, "array 'y': expected a class from 0 to 2, got 3 at [1]"),
        ({"y": [-1, 0]}, "array 'y': expected a class from 0 to 2, got -1 at [0]"),
        ({"y": ["a", ""]}, "array 'y': a label is missing"),
    ],
)
def test_arrays_that_do_not_fit(npz_file: WRITE, change: dict[str, Any], message: str) -> None:
    arrays = {name: array for name, array in {**GOOD, **change}.items() if array is not None}
    assert message in told(npz_file(**arrays), (X, Y), dtype="float32")


def test_pickles_and_damaged_files_are_refused(tmp_path: Path, npz_file: WRITE) -> None:
    path = npz_file(x=np.ones((200, 2)), y=np.zeros(200, int))
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    assert told(path, (X, Y)) == "d.npz: expected arrays saved by NumPy, without pickles"
    path.write_bytes(whole.replace(np.ones(8).tobytes(), np.zeros(8).tobytes()))
    assert "array 'x' cannot be read" in told(path, (X, Y))
    for text in (b"", b"hello", b"\x80\x04K\x01."):
        path.write_bytes(text)
        assert "expected arrays saved by NumPy" in told(path, (X, Y))
    np.savez(path, x=np.array([{}, []], dtype=object), y=[0])
    assert re.search("array 'x' cannot be read: Object arrays", told(path, (X, Y)))
    assert "--columns is for .csv files" in told(path, (X, Y), columns={"x": ("a", "b")})


def test_sizes_a_header_claims_but_does_not_hold(tmp_path: Path) -> None:
    path = tmp_path / "d.npy"
    np.save(path, np.ones((3, 2)))
    header = path.read_bytes()
    for size in (b"(10, 2), }", b"(999999999999, 2), }", b"(3, 2), ", b"(-3, 2), }"):
        path.write_bytes(header.replace(b"(3, 2), }".ljust(len(size)), size))
        assert "expected arrays saved by NumPy" in told(path, (X,))


# Rows


def test_split_is_deterministic_and_keeps_every_row_once() -> None:
    wide = Data("w", "input", False, (3, "batch"), None)
    fixed = Data("c", "input", False, (4,), None)
    data, arrays = (wide, Y, fixed), (np.arange(30).reshape(3, 10), np.arange(10), np.ones(4))
    assert row_count(data, arrays) == 10
    train, held = split(data, arrays, 0.2, seed=1)
    assert held is not None
    assert sorted([*train[1], *held[1]]) == list(range(10))
    assert (train[0].shape, held[0].shape, held[2].shape) == ((3, 8), (3, 2), (4,))
    assert (held[0][1] == held[1] + 10).all()
    assert (np.diff(train[1]) > 0).all()
    again = split(data, arrays, 0.2, seed=1)
    assert (again[0][1] == train[1]).all()


@pytest.mark.parametrize(("holdout", "held"), [(0.01, 1), (0.5, 2), (0.99, 3)])
def test_neither_part_is_empty(holdout: float, held: int) -> None:
    train, aside = split((Y,), (np.arange(4),), holdout, seed=0)
    assert aside is not None
    assert (len(train[0]), len(aside[0])) == (4 - held, held)


def test_what_cannot_be_split() -> None:
    assert split((Y,), (np.arange(4),), 0, seed=0)[1] is None
    fixed = Data("c", "input", False, (4,), None)
    assert split((fixed,), (np.ones(4),), 0.5, seed=0)[1] is None
    with pytest.raises(DataError, match="1 row cannot be split"):
        split((Y,), (np.arange(1),), 0.5, seed=0)


def test_take() -> None:
    (taken,) = take((X,), (np.arange(8).reshape(4, 2),), np.array([2, 0]))
    assert taken.tolist() == [[4, 5], [0, 1]]


def test_nothing_loaded_has_no_labels() -> None:
    assert Loaded(()).labels == {}


# Predictions


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
        return x.mean(axis=0)

    x = np.ones((3, 2))
    with pytest.raises(DataError, match=r"output 'm' is \[2\], which has no row for each"):
        predict_rows(mean, ("m",), (X,), (x,), {"m": mean(x)})
    assert predict_rows(mean, ("m",), (), (), {"m": np.float64(3)})["m"].tolist() == [3]


def test_labels_of_the_largest_score() -> None:
    scores = {"loss": np.ones(2), "p": np.array([[1.0, 5, 2], [9, 0, 1]])}
    assert predicted_labels((X, Y), {"y": ("a", "b", "c")}, scores) == {"y": ["b", "a"]}
    assert predicted_labels((X, Y), {}, scores) == {}


def test_outputs_that_cannot_be_written_are_told_first(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        check_output(tmp_path, ())
    with pytest.raises(FileNotFoundError):
        check_output(tmp_path / "none" / "out.csv", ())
    source = tmp_path / "data.csv"
    source.touch()
    (tmp_path / "link.csv").symlink_to(source)
    with pytest.raises(DataError, match="would replace what is read"):
        check_output(tmp_path / "link.csv", (None, source))
    check_output(tmp_path / "out.csv", (None, source))


def test_arrays_of_any_name(tmp_path: Path) -> None:
    outputs = {"file": np.ones((2, 3), np.float32), "args": np.arange(2)}
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

"""Arrays in `.npz` and `.npy` files: what is read, and what is told."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_cases import WRITE, X, Y, told

from graphc.data import load


def test_arrays_by_name(npz_file: WRITE) -> None:
    path = npz_file(y=np.array([2, 0], np.uint8), x=np.array([[1, 2], [3, 4]]))
    x, y = load(path, (X, Y), dtype="float32").arrays
    assert (str(x.dtype), str(y.dtype)) == ("float32", "int64")
    assert (x.tolist(), y.tolist()) == ([[1, 2], [3, 4]], [2, 0])
    assert len(load(path, (X, Y), inputs_only=True).arrays) == 1


def test_text_labels_in_an_array(npz_file: WRITE) -> None:
    path = npz_file(x=np.ones((3, 2)), y=["b", "c", "a"])
    loaded = load(path, (X, Y))
    assert loaded.arrays[1].tolist() == [1, 2, 0]
    assert loaded.labels == {"y": ("a", "b", "c")}
    assert load(path, (X, Y), inputs_only=True).labels == {}
    known = {"y": ("c", "b", "a")}
    assert load(path, (X, Y), classes=known).arrays[1].tolist() == [1, 0, 2]
    assert "array 'y': expected one of 'a', 'b', as in training, got 'c'" in told(
        path, (X, Y), classes={"y": ("a", "b")}
    )
    assert "expected a class number, as in training, got 'a'" in told(path, (X, Y), classes={})
    assert "expected text labels, as in training, got int64" in told(
        npz_file(x=np.ones((3, 2)), y=[0, 1, 2]), (X, Y), classes=known
    )


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_whole_numbers_are_class_numbers_whatever_their_dtype(npz_file: WRITE, dtype: str) -> None:
    y = load(npz_file(x=np.ones((3, 2)), y=np.array([2, 0, 1], dtype)), (X, Y)).arrays[1]
    assert (y.dtype, y.tolist()) == (np.int64, [2, 0, 1])


def test_one_array_serves_a_model_with_one_input(tmp_path: Path) -> None:
    path = tmp_path / "d.npy"
    np.save(path, np.ones((3, 2)))
    assert load(path, (X,)).arrays[0].shape == (3, 2)
    assert load(path, (X, Y), inputs_only=True).arrays[0].shape == (3, 2)
    assert told(path, (X, Y)) == (
        "d.npy: one array without a name, but the model takes x [batch, 2], y int[batch]; "
        "save them by name: np.savez('data.npz', x=x, y=y)"
    )


def test_what_the_model_has_no_use_for_is_left_alone(npz_file: WRITE) -> None:
    path = npz_file(x=np.ones((3, 2)), y=[0, 1, 2], z=[1, 2])
    assert [array.shape for array in load(path, (X, Y)).arrays] == [(3, 2), (3,)]


GOOD = {"x": np.ones((2, 2)), "y": np.array([0, 1])}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": None}, "no array 'y'; expected x [batch, 2], y int[batch], got the arrays 'x'"),
        ({"x": np.ones((2, 3))}, "array 'x': expected [batch, 2], got [2, 3]"),
        ({"x": np.ones((2, 5))}, "array 'x': expected [batch, 2], got [2, 5]: transposed?"),
        ({"x": np.ones(2)}, "array 'x': expected [batch, 2], got [2]"),
        ({"x": np.ones((0, 2))}, "expected [batch, 2] with at least one row, got [0, 2]"),
        ({"x": np.ones((3, 2))}, "batch is 3 in 'x', but 2 in 'y'; expected the same in both"),
        ({"x": [[1, 2], [3, 4j]]}, "array 'x': expected numbers, [batch, 2], got complex128"),
        ({"x": [["a", "b"], ["c", "d"]]}, "array 'x': expected numbers, [batch, 2], got <U1"),
        ({"x": [[1, 2], [np.nan, 3]]}, "expected finite numbers, got nan at [1, 0]"),
        ({"x": [[1, 2], [3, 1e39]]}, "got 1e+39 (too large for float32) at [1, 1]"),
        ({"y": [0.0, 1.5]}, "array 'y': expected whole numbers, got 1.5 at [1]"),
        ({"y": [0.0, np.nan]}, "array 'y': expected whole numbers, got nan at [1]"),
        ({"y": [0.0, 1e300]}, "array 'y': expected whole numbers, got 1e+300 at [1]"),
        ({"y": [0.0, 3.0]}, "array 'y': expected a class from 0 to 2, got 3 at [1]"),
        ({"y": [0, 1j]}, "array 'y': expected integers, int[batch], got complex128"),
        ({"y": [0, 3]}, "array 'y': expected a class from 0 to 2, got 3 at [1]"),
        ({"y": [1, 3]}, "got 3 at [1]; classes count from 0: subtract 1"),
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
    assert "array 'x' cannot be read: it holds Python objects, not numbers" in told(path, (X, Y))
    assert "--columns is for .csv files" in told(path, (X, Y), columns={"x": ("a", "b")})


@pytest.mark.parametrize("name", ["x", "y"])
def test_a_member_that_is_no_array(npz_file: WRITE, name: str) -> None:
    path = npz_file(**{key: value for key, value in GOOD.items() if key != name})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"{name}.npy", "hello")
    assert told(path, (X, Y)) == f"d.npz: {name!r} is no array; expected arrays saved by NumPy"


@pytest.mark.parametrize("size", [b"(10**9, 2), }", b"(3, 2) + x, }", b"(-3, 2), }"])
def test_a_header_that_is_no_header(npz_file: WRITE, size: bytes) -> None:
    path = npz_file(x=np.ones((3, 2)))
    with zipfile.ZipFile(path) as archive:
        member = archive.read("x.npy")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", member.replace(b"(3, 2), }".ljust(len(size)), size))
    assert told(path, (X,)) == "d.npz: array 'x' cannot be read: it is damaged"


def test_sizes_a_header_claims_but_does_not_hold(tmp_path: Path) -> None:
    path = tmp_path / "d.npy"
    np.save(path, np.ones((3, 2)))
    header = path.read_bytes()
    for size in (b"(10, 2), }", b"(999999999999, 2), }", b"(3, 2), ", b"(-3, 2), }"):
        path.write_bytes(header.replace(b"(3, 2), }".ljust(len(size)), size))
        assert "expected arrays saved by NumPy" in told(path, (X,))

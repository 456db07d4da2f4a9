"""Write the data of the examples beside this file: the same bytes on every run.

Needs scikit-learn, which carries the digits and the irises: `python examples/make_data.py`.
"""

import csv
import io
import os
import zipfile
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits, load_iris

HERE = Path(__file__).resolve().parent


def write(name: str, content: bytes) -> None:
    """Put `content` in the file `name`, whole or not at all."""
    temporary = HERE / f".{name}.part"
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, HERE / name)


def write_csv(name: str, header: list[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a table: a header, then one sample a row."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    write(name, text.getvalue().encode())


def write_npz(name: str, **arrays: NDArray[np.generic]) -> None:
    """Write arrays by name.  `numpy.savez` may date the members; here the date is fixed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for key, array in arrays.items():
            member = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # otherwise it tells Windows from Unix
            plain = io.BytesIO()
            np.lib.format.write_array(plain, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(member, plain.getvalue(), compresslevel=9)
    write(name, packed.getvalue())


def digits() -> None:
    """x [1797, 64] float32 from 0 to 1, y [1797] int64 from 0 to 9."""
    data = load_digits()
    write_npz("digits.npz", x=(data.data / 16).astype(np.float32), y=data.target.astype(np.int64))


def iris() -> None:
    """150 rows: four lengths in centimetres and the name of the species."""
    data = load_iris()
    header = ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]
    rows = zip(data.data.tolist(), data.target_names[data.target].tolist(), strict=True)
    write_csv("iris.csv", header, ([*lengths, species] for lengths, species in rows))


def xor() -> None:
    """The whole truth table."""
    write_csv("xor.csv", ["a", "b", "y"], ([a, b, a ^ b] for a, b in product((0, 1), repeat=2)))


def line() -> None:
    """Five points of y = 2 x."""
    write_csv("line.csv", ["x", "y"], ([x, 2 * x] for x in range(5)))


def hinge() -> None:
    """A bell from cold (-1) to hot (1): growth in the middle, none at both ends."""
    warmth = np.linspace(-1, 1, 21).round(1)
    growth = np.exp(-((warmth / 0.4) ** 2)).round(3)
    write_csv("hinge.csv", ["warmth", "growth"], zip(warmth.tolist(), growth.tolist(), strict=True))


def columns() -> None:
    """X [2, 200] points of a square, y [1, 200]: 1 inside a circle of half its area."""
    X = np.random.RandomState(0).uniform(-1, 1, (2, 200)).round(3).astype(np.float32)
    inside = (X**2).sum(axis=0, keepdims=True) < 2 / np.pi
    write_npz("columns.npz", X=X, y=inside.astype(np.float32))


def seed() -> None:
    """All eight answers of three voters, and what the majority says."""
    votes = product((0, 1), repeat=3)
    write_csv("seed.csv", ["x1", "x2", "x3", "a"], ([*v, int(sum(v) >= 2)] for v in votes))


def sine() -> None:
    """Three waves: x from -1 to 1, y = sin(3 pi x)."""
    x = np.linspace(-1, 1, 257).round(4)
    waves = np.sin(3 * np.pi * x).round(6).tolist()
    write_csv("sine.csv", ["x", "y"], zip(x.tolist(), waves, strict=True))


def alice() -> None:
    """text and next [rows, 64] uint8: letters of `alice.txt`, numbered in their order."""
    letters = (HERE / "alice.txt").read_text(encoding="ascii")
    places = {letter: place for place, letter in enumerate(sorted(set(letters)))}
    ids = np.array([places[letter] for letter in letters], np.uint8)
    rows = (len(ids) - 1) // 64
    text, following = (ids[start : start + 64 * rows].reshape(rows, 64) for start in (0, 1))
    write_npz("alice.npz", text=text, next=following)


if __name__ == "__main__":
    for make in (digits, iris, xor, line, hinge, columns, seed, sine, alice):
        make()

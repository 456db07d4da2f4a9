"""The examples that learn from a truth table and from real data, trained as they are written."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from systems import EXAMPLES, Array, as_written, table

STYLES = pytest.mark.parametrize("plain", [False, True], ids=["fused", "plain"])


def fifth(samples: int) -> tuple[Array, Array]:
    """The places of four fifths of the samples, and of the held-out rest."""
    order = np.random.default_rng(0).permutation(samples)
    return order[samples // 5 :], order[: samples // 5]


@STYLES
def test_xor_learns_the_truth_table(plain: bool) -> None:
    xor = as_written("xor", plain)
    x, y = table("xor", 2)
    xor.fit(x, y)
    assert abs(xor.predict(x) - y).max() < 0.05


@STYLES
def test_iris_tells_the_species(plain: bool) -> None:
    with (EXAMPLES / "iris.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    x = np.array([[float(length) for length in row[:4]] for row in rows])
    y = np.unique([row[4] for row in rows], return_inverse=True)[1]
    train, held = fifth(len(x))
    iris = as_written("iris", plain)
    iris.fit(x[train], y[train])
    assert np.mean(iris.predict(x[held]).argmax(axis=1) == y[held]) >= 0.9


@STYLES
def test_digits_are_read_from_a_held_out_fifth(plain: bool) -> None:
    with np.load(EXAMPLES / "digits.npz") as arrays:
        x, y = arrays["x"], arrays["y"]
    train, held = fifth(len(x))
    digits = as_written("digits", plain)
    digits.fit(x[train], y[train])
    p = digits.predict(x[held])
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)
    assert np.mean(p.argmax(axis=1) == y[held]) > 0.96

"""Rows counted, taken and held out."""

from __future__ import annotations

import numpy as np
import pytest
from data_cases import X, Y

from graphc.data import DataError, Loaded, row_count, split, take
from graphc.model import Data


def test_split_is_deterministic_and_keeps_every_row_once() -> None:
    wide = Data("w", "input", False, (3, "batch"), None)
    fixed = Data("c", "input", False, (4,), None)
    data, arrays = (wide, Y, fixed), (np.arange(30).reshape(3, 10), np.arange(10), np.ones(4))
    assert row_count(data, arrays) == 10
    train, held = split(data, [array.copy() for array in arrays], 0.2, seed=1)
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

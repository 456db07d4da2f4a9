"""The reference systems as the tests use them: their compiled trainers and their data."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import graphc

Array = NDArray[Any]
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


@cache
def module(text: str, plain: bool) -> Any:
    """The module of a model given as text, in float64."""
    return graphc.compile_text(text, dtype="float64", plain=plain).load()


@cache
def _example(name: str, plain: bool, dtype: str | None) -> Any:
    return graphc.compile_file(EXAMPLES / f"{name}.nn", dtype=dtype, plain=plain).load()


def held(values: Iterable[object]) -> int:
    """The bytes that arrays hold, each piece of memory counted once."""
    found: dict[int, int] = {}
    for value in values:
        array = value
        while isinstance(array, np.ndarray) and isinstance(array.base, np.ndarray):
            array = array.base
        if isinstance(array, np.ndarray):
            found[id(array)] = array.nbytes
    return sum(found.values())


def text(name: str) -> str:
    """What stands in an example."""
    return (EXAMPLES / f"{name}.nn").read_text(encoding="utf-8")


def example(name: str, plain: bool, seed: int = 0) -> Any:
    """A fresh trainer of an example, in float64, where the figures are exact."""
    return _example(name, plain, "float64").Trainer(seed=seed)


def as_written(name: str, plain: bool = False, seed: int = 0) -> Any:
    """A fresh trainer of an example, in the dtype that it declares."""
    return _example(name, plain, None).Trainer(seed=seed)


def table(name: str, inputs: int) -> tuple[Array, Array]:
    """The first `inputs` columns of an example's .csv, [batch, inputs], and the others."""
    rows = np.loadtxt(EXAMPLES / f"{name}.csv", delimiter=",", skiprows=1)
    return rows[:, :inputs], rows[:, inputs:]


def data(name: str) -> tuple[Array, ...]:
    """The data of one of the six systems, in the order of its trainer's arguments."""
    match name:
        case "circuit":
            return ()
        case "line":
            x, y = table("line", 1)
            return x[:, 0], y[:, 0]
        case "hinge":
            return table("hinge", 1)
        case "columns":
            with np.load(EXAMPLES / "columns.npz") as arrays:
                return arrays["X"], arrays["y"]
    return table("seed", 3)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x))."""
    return np.asarray(1 / (1 + np.exp(-x)))


def random_data(model: Any, rows: int) -> dict[str, Array]:
    """Random data for a compiled model, by name; every run-time size is `rows`."""
    random = np.random.default_rng(0)
    found = {}
    for one in model.data:
        shape = [rows if isinstance(size, str) else size for size in one.shape]
        found[one.name] = random.random(shape)
        if one.integer:
            found[one.name] = random.integers(0, one.classes or 2, shape)
    return found

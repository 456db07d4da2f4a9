"""What is wrong with a data file, and how a model's data is written in a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphc.model import Data


class DataError(ValueError):
    """Data that does not fit the model; the message says what was expected and what came."""


def shape_text(shape: Iterable[int | str]) -> str:
    """A shape as the language writes it: `[batch, 64]`."""
    return f"[{', '.join(map(str, shape))}]"


def type_text(data: Data) -> str:
    """The type of an input or target as the language writes it: `[batch, 64]`, `int[batch]`."""
    return ("int" if data.integer else "") + shape_text(data.shape)


def expected_text(data: Iterable[Data]) -> str:
    """Names and types in one line: `x [batch, 64], y int[batch]`."""
    return ", ".join(f"{entry.name} {type_text(entry)}" for entry in data)


def clipped(cell: str, limit: int = 40) -> str:
    """A cell, quoted on one line, short enough for a message."""
    return repr(cell if len(cell) <= limit else cell[:limit] + "…")


def check_dimensions(path: object, data: Iterable[Data], arrays: Mapping[str, Any]) -> None:
    """See that each run-time dimension has one size wherever it is written.

    Raises `DataError` naming the two arrays that differ.
    """
    sizes: dict[str, tuple[int, str]] = {}
    for entry in data:
        for dimension, size in zip(entry.shape, arrays[entry.name].shape, strict=True):
            if isinstance(dimension, str):
                known, first = sizes.setdefault(dimension, (size, entry.name))
                if known != size:
                    raise DataError(
                        f"{path}: {dimension} is {known} in {first!r}, but {size} in "
                        f"{entry.name!r}; expected the same in both"
                    )

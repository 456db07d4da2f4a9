"""What is wrong with a data file, and how a model's data is written in a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphc.model import Data


class DataError(ValueError):
    """Data that does not fit the model; the message says what was expected and what came."""


class CallError(DataError):
    """What was asked for is wrong, whatever the data: an option, or the name of a file."""


def shape_text(shape: Iterable[int | str]) -> str:
    """A shape as the language writes it: `[batch, 64]`."""
    return f"[{', '.join(map(str, shape))}]"


def type_text(data: Data) -> str:
    """The type of an input or target as the language writes it: `[batch, 64]`, `int[batch]`."""
    return ("int" if data.integer else "") + shape_text(data.shape)


def expected_text(data: Iterable[Data]) -> str:
    """Names and types in one line: `x [batch, 64], y int[batch]`."""
    return ", ".join(f"{entry.name} {type_text(entry)}" for entry in data)


def unfit_text(data: Data, shape: Sequence[int]) -> str:
    """What is wrong with an array's shape, or the empty string."""
    fits, turned_fits = (
        len(data.shape) == len(sizes)
        and all(isinstance(n, str) or n == size for n, size in zip(data.shape, sizes, strict=True))
        for sizes in (shape, shape[::-1])
    )
    if fits:
        return ""
    hint = ": transposed?" if turned_fits else ""
    return f"expected {type_text(data)}, got {shape_text(shape)}{hint}"


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

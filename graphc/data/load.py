"""A data file as arrays, in the order of the model's inputs and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from graphc.data.archive import read_archive
from graphc.data.errors import CallError, check_dimensions
from graphc.data.table import read_table

if TYPE_CHECKING:
    from graphc.model import Data


@dataclass(frozen=True)
class Loaded:
    """The arrays of a data file, the text labels that became class numbers, the columns used.

    `labels["y"][3]` is the label that stands for class 3 of `y`; `y` is absent if its classes
    were numbers already. `columns["x"]` are the names of the columns of `x`, if it had any. `note`
    is what the user should know of how the file was read.
    """

    arrays: tuple[NDArray[Any], ...]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""


def load(
    path: str | Path,
    data: Sequence[Data],
    *,
    columns: Mapping[str, Sequence[str]] | None = None,
    dtype: str = "float64",
    inputs_only: bool = False,
    classes: Mapping[str, Sequence[str]] | None = None,
    trained: Mapping[str, Sequence[str]] | None = None,
) -> Loaded:
    """Read `path` (`.csv`, `.npz` or `.npy`) for the inputs and targets `data`.

    Numbers become arrays of `dtype`, integer data int64. `columns` names the columns of a CSV
    file by data name. With `inputs_only` the arrays of the inputs are returned alone; targets may
    stand in the file and are not looked at. `classes` are the text labels, by data name, that
    parameters were trained with: there are no others then, and they keep their numbers. `trained`
    are the names of the columns that parameters were trained on, by data name.

    Raises `DataError` if the content does not fit (`CallError` if the call is wrong), `OSError` if
    the file cannot be read.
    """
    path = Path(path)
    known = [entry.name for entry in data]
    for name in columns or {}:
        if name not in known:
            raise CallError(f"--columns {name}=…: the model has no {name!r}, only {_listed(known)}")
    names: dict[str, tuple[str, ...]] = {}
    note = ""
    match path.suffix.lower():
        case ".csv":
            arrays, labels, names, note = read_table(
                path, data, columns or {}, dtype, inputs_only, classes, trained or {}
            )
        case ".npz" | ".npy":
            if columns:
                raise CallError(f"{path}: --columns is for .csv files; arrays go by their names")
            arrays, labels = read_archive(path, data, dtype, inputs_only, classes)
        case _:
            raise CallError(f"{path}: expected a .csv, .npz or .npy file")
    wanted = [entry for entry in data if entry.kind == "input" or not inputs_only]
    check_dimensions(path, wanted, arrays)
    return Loaded(tuple(arrays[entry.name] for entry in wanted), labels, names, note)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names)) or "no data at all"

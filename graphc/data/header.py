"""The header of a CSV file: what is wrong with one, and what is told of one that is strange.

A first line of `0,1,2 …` stands for columns without names, as pandas writes them, and that it is
no data is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphc.data.errors import DataError, clipped
from graphc.data.labels import LONGEST, is_number

if TYPE_CHECKING:
    from graphc.model import Data


def check_header(path: Path, header: Sequence[str]) -> None:
    """Raises `DataError` for two columns of one name, or a name that is too long."""
    seen: dict[str, int] = {}
    for place, name in enumerate(header, start=1):
        if len(name) > LONGEST:
            raise DataError(
                f"{path}: expected names of at most {LONGEST:,} characters, but that of column "
                f"{place} has {len(name):,}: {clipped(name)}"
            )
        if name and name in seen:
            if is_number(name):
                raise DataError(headless(path, header))
            raise DataError(
                f"{path}: columns {seen[name]} and {place} are both called {clipped(name)}"
            )
        seen[name] = place


def used_names(
    header: Sequence[str], places: Mapping[str, Sequence[int]], wanted: Sequence[Data]
) -> dict[str, tuple[str, ...]]:
    """The names of the columns that were taken, by data name; none for a table without names."""
    if counts(header):
        return {}
    return {entry.name: tuple(header[i] for i in places[entry.name]) for entry in wanted}


def told_header(
    path: Path,
    header: Sequence[str],
    columns: Mapping[str, Sequence[str]],
    places: Mapping[str, Sequence[int]],
    wanted: Sequence[Data],
) -> str:
    """What the user should know of how a header was understood, or the empty string."""
    notes = [
        _told_counts(path, header, columns, wanted),
        _told_shared(path, header, places, wanted),
    ]
    return "\n".join(filter(None, notes))


def _told_counts(
    path: Path, header: Sequence[str], columns: Mapping[str, Sequence[str]], wanted: Sequence[Data]
) -> str:
    """What is told of a header that may as well be a row of data, or the empty string."""
    if not counts(header) or all(entry.name in columns for entry in wanted):
        return ""
    return (
        f"{path}: the first line, {some(header)}, is taken for column names; "
        "if it is data, put a line of names above it"
    )


def _told_shared(
    path: Path,
    header: Sequence[str],
    places: Mapping[str, Sequence[int]],
    wanted: Sequence[Data],
) -> str:
    """What is told of an input that is given a column of a target, as autoencoders may be."""
    for one in (entry for entry in wanted if entry.kind == "input"):
        for other in (entry for entry in wanted if entry.kind == "target"):
            if shared := {*places[one.name]} & {*places[other.name]}:
                names = some([header[i] for i in sorted(shared)])
                which = f"column {names} is" if len(shared) == 1 else f"columns {names} are"
                both = f"in both {one.name} and {other.name}"
                return f"{path}: {which} {both}: the model is given the answers"
    return ""


def headless(path: Path, header: Sequence[str]) -> str:
    """What is told of a first row that has values."""
    return f"{path}: expected a first row of column names, got the values {some(header)}"


def counts(header: Sequence[str]) -> bool:
    """Whether the header is 0, 1, 2 …, the names that tables without names are given."""
    return list(header) == [str(place) for place in range(len(header))]


def some(names: Sequence[str], limit: int = 8) -> str:
    """The first of the names, for a message."""
    return ", ".join(map(clipped, names[:limit])) + (", …" if len(names) > limit else "")

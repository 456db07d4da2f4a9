"""Which columns of a CSV file belong to which input or target.

The rule: `--columns NAME=a,b` first; then the names that the parameters were trained on; then a
header that has the data's own names (`x`, or `x[0]`, `x[1]` … for several numbers a row); what is
left, in the order of declaration, takes the columns that are left, and these must come out even.
Columns that nothing takes are ignored only when no data had to go by position.
"""

from __future__ import annotations

import csv
import io
import math
import shlex
from collections.abc import Mapping, Sequence
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING

from graphc.data.errors import CallError, DataError, clipped, type_text
from graphc.data.header import check_header, counts, headless, some
from graphc.data.labels import is_number

if TYPE_CHECKING:
    from graphc.model import Data

Places = dict[str, tuple[int, ...]]

ROW_NAMES = {"", "id", "index", "row", "no", "nr", "unnamed: 0"}  # of columns that number the rows
LONGEST_OPTION = 200  # characters of options that are told


def parse_columns(options: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read `NAME=a,b` options; a column name with a comma stands in double quotes.

    Raises `CallError` for an option that does not read so, or a data name given twice.
    """
    columns: dict[str, tuple[str, ...]] = {}
    for option in options:
        name, equals, text = option.partition("=")
        shown = option if option.isprintable() and len(option) <= 80 else clipped(option, 80)
        try:
            names = [part.strip() for part in next(csv.reader([text], skipinitialspace=True), [])]
        except csv.Error:  # a line end, or more than a cell of a table may hold
            names = []
        if not (name.strip() and equals and names and all(names)):
            raise CallError(f"--columns {shown}: expected NAME=COLUMN,COLUMN…")
        if name.strip() in columns:
            raise CallError(f"--columns {shown}: the columns of {name.strip()!r} are given twice")
        columns[name.strip()] = tuple(names)
    return columns


def cell_names(name: str, sizes: Sequence[int]) -> list[str]:
    """The column names of one row of an array: `p`, or `p[0]`, `p[1]`, or `p[0,0]`, `p[0,1]` …"""
    if math.prod(sizes) == 1:
        return [name]
    places = product(*map(range, sizes))
    return [f"{name}[{','.join(map(str, place))}]" for place in places]


def row_shape(data: Data) -> list[int | str]:
    """The shape of one row of `data`: its dimensions without `batch`."""
    return [dimension for dimension in data.shape if dimension != "batch"]


def match_columns(
    path: Path,
    header: Sequence[str],
    data: Sequence[Data],
    columns: Mapping[str, Sequence[str]],
    inputs_only: bool,
    trained: Mapping[str, Sequence[str]],
) -> Places:
    """The positions in `header` of the columns of each input and target, by data name.

    `trained` are the names of the columns that parameters were trained on; those of data that was
    of another width then mean nothing. With `inputs_only`, a
    target is left out if its columns are not there. Raises `DataError`.
    """
    check_header(path, header)
    wanted = [entry for entry in data if entry.kind == "input" or not inputs_only]
    for entry in wanted:
        if entry.shape.count("batch") != 1:
            raise DataError(
                f"{path}: {entry.name} is {type_text(entry)}, but each row of a .csv file stands "
                "for one of the dimension batch; give this data as .npz"
            )
    places: Places = {}
    unnamed = all(is_number(name) for name in header)
    trained = {
        entry.name: trained[entry.name]
        for entry in data
        if entry.name in trained and _width(entry) in (None, len(trained[entry.name]))
    }
    for entry in data:
        if entry.name in columns:
            places[entry.name] = _chosen(path, header, entry, columns[entry.name])
        elif found := _trained(header, entry, trained) or _named(header, entry):
            places[entry.name] = found
        elif entry.name in trained and entry in wanted and not unnamed:
            raise DataError(_lacking(path, header, entry, trained[entry.name]))
    if any(entry.name not in places for entry in wanted):
        _by_position(path, header, data, places, inputs_only)
    return places


def _chosen(path: Path, header: Sequence[str], data: Data, names: Sequence[str]) -> tuple[int, ...]:
    width = _width(data)
    if width is not None and width != len(names):
        raise DataError(
            f"--columns {data.name}=…: expected {_count(width)} for "
            f"{data.name} {type_text(data)}, got {len(names)}"
        )
    for name in names:
        if name not in header:
            raise DataError(f"{path}: no column {clipped(name)}; the columns are {some(header)}")
    return tuple(header.index(name) for name in names)


def _trained(
    header: Sequence[str], data: Data, trained: Mapping[str, Sequence[str]]
) -> tuple[int, ...]:
    """The columns by their names at training, if all are there."""
    names = trained.get(data.name, ())
    if _width(data) is None and (found := _named(header, data)):
        return found
    if any(name not in header for name in names):
        return ()
    return tuple(header.index(name) for name in names)


def _lacking(path: Path, header: Sequence[str], data: Data, names: Sequence[str]) -> str:
    missing = [name for name in names if name not in header]
    word = "column" if len(missing) == 1 else "columns"
    return (
        f"{path}: no {word} {some(missing)}, on which {data.name} was trained; "
        f"the columns are {some(header)}\n"
        f"--columns {data.name}=… says which columns to use"
    )


def _named(header: Sequence[str], data: Data) -> tuple[int, ...]:
    sizes = row_shape(data)
    numbers = [size for size in sizes if isinstance(size, int)]
    if len(numbers) == len(sizes):
        names = cell_names(data.name, numbers)
    elif len(sizes) == 1:
        names = [f"{data.name}[{place}]" for place in range(len(header))]
        names = [name for name in names if name in header]
    else:
        return ()
    if not names or any(name not in header for name in names):
        return ()
    return tuple(header.index(name) for name in names)


def _by_position(
    path: Path, header: Sequence[str], data: Sequence[Data], places: Places, inputs_only: bool
) -> None:
    taken = {place for found in places.values() for place in found}
    free = [place for place in range(len(header)) if place not in taken]
    rest = [entry for entry in data if entry.name not in places]
    needed = [entry for entry in rest if entry.kind == "input" or not inputs_only]
    for entry in needed:
        if _width(entry) is None:
            raise DataError(
                f"{path}: a header cannot say which columns are {entry.name} {type_text(entry)}; "
                f"use --columns {entry.name}=…"
            )
    if len(free) == sum(_width(entry) or 0 for entry in needed):
        rest = needed
    elif len(free) != sum(_width(entry) or 0 for entry in rest):
        raise DataError(_uneven(path, header, needed, free, places))
    for entry in rest:
        width = _width(entry) or 0
        places[entry.name], free = tuple(free[:width]), free[width:]
        for place in places[entry.name]:
            if not header[place]:
                raise DataError(
                    f"{path}: column {place + 1} has no name; name it, or use --columns to say "
                    f"which columns are {entry.name}"
                )
    taken_numbers = [header[i] for e in rest if not e.integer for i in places[e.name]]
    names = taken_numbers or header
    if all(map(is_number, names)) and not counts(names):
        raise DataError(headless(path, header))


def _uneven(
    path: Path, header: Sequence[str], needed: Sequence[Data], free: Sequence[int], places: Places
) -> str:
    total = sum(_width(entry) or 0 for entry in needed)
    parts = ", ".join(f"{_width(entry)} for {entry.name} {type_text(entry)}" for entry in needed)
    left = [header[place] for place in free]
    taken = "".join(
        f"; {some([header[i] for i in found])} {'goes' if len(found) == 1 else 'go'} to {name}"
        for name, found in places.items()
    )
    came = f"got {len(left)}; the columns are {some(left)}"
    if taken:
        came = f"got {len(left)}{': ' * bool(left)}{some(left)}{taken}"
    message = f"{path}: expected {_count(total)} ({parts}), {came}"
    separator = next((mark for mark in ";\t|" if mark in header[0]), None)
    if len(header) == 1 and separator:
        return f"{message}\nexpected commas between the columns, got {separator!r}"
    if option := _option(needed, left):
        return f"{message}; say which to use, as with\n  {option}"
    return f"{message}\n--columns {needed[0].name}=… says which columns to use"


def _option(needed: Sequence[Data], left: Sequence[str]) -> str:
    """Options to paste, that take what is needed of the columns left; empty if that cannot be.

    They are a guess: the first columns that number no rows, and for targets the last ones.
    """
    names = [name for name in left if name.casefold() not in ROW_NAMES]
    targets = sum(_width(entry) or 0 for entry in needed if entry.kind == "target")
    inputs = sum(_width(entry) or 0 for entry in needed) - targets
    if inputs + targets > len(names):
        return ""
    picked = iter([*names[:inputs], *names[len(names) - targets :]])
    words = []
    for entry in needed:
        chosen = io.StringIO()
        csv.writer(chosen, lineterminator="").writerow(islice(picked, _width(entry)))
        words.append(f"--columns {shlex.quote(f'{entry.name}={chosen.getvalue()}')}")
    option = " ".join(words)
    return option if option.isprintable() and len(option) <= LONGEST_OPTION else ""


def _width(data: Data) -> int | None:
    """How many columns `data` takes; None if that depends on a run-time dimension."""
    sizes = row_shape(data)
    numbers = [size for size in sizes if isinstance(size, int)]
    return math.prod(numbers) if len(numbers) == len(sizes) else None


def _count(number: int) -> str:
    return f"{number} column{'' if number == 1 else 's'}"

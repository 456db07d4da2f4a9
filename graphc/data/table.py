"""A CSV file as arrays: read cell by cell, every error with row and column.

What is kept while reading is the arrays themselves, and a block of numbers that are yet to be
rounded: a table takes no more memory than its numbers, however long its text is.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphc.data.advice import FILL, is_missing, told_gaps, told_unnamed, told_words
from graphc.data.columns import match_columns, row_shape
from graphc.data.errors import DataError, clipped, type_text
from graphc.data.header import told_header, used_names
from graphc.data.labels import UNNAMED, CellError, class_numbers, is_number
from graphc.data.records import Records, records

if TYPE_CHECKING:
    from graphc.model import Data

BLOCK = 2**16  # numbers that are rounded, and classes that are numbered, at once
DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d+\s*")

Names = Mapping[str, Sequence[str]]


def read_table(
    path: Path,
    data: Sequence[Data],
    columns: Names,
    dtype: str,
    inputs_only: bool,
    known: Names | None,
    trained: Names,
) -> tuple[dict[str, NDArray[Any]], dict[str, tuple[str, ...]], dict[str, tuple[str, ...]], str]:
    """Read a CSV file with a header: (arrays, text labels, names of columns), each by data name.

    The last is a note to be told, or the empty string.
    Raises `DataError` naming row and column, `OSError` as `open` does.
    """
    with records(path) as rows:
        header = [name.strip() for name in next(rows, (0, []))[1]]
        if not header:
            raise DataError(f"{path}: the file is empty; expected a header of column names")
        places = match_columns(path, header, data, columns, inputs_only, trained)
        wanted = [entry for entry in data if entry.kind == "input" or not inputs_only]
        table = _Table(path, header, dtype, wanted, places)
        table.read(rows)
    arrays, labels = {}, {}
    for entry in wanted:
        if not entry.integer:
            found = table.numbers(entry.name)
        else:
            names = None if known is None else known.get(entry.name, ())
            found, numbered = table.classes(entry, names)
            if numbered:
                labels[entry.name] = numbered
        arrays[entry.name] = _shaped(path, entry, found)
    note = told_header(path, header, columns, places, wanted)
    return arrays, labels, used_names(header, places, wanted), note


class _Coded:
    """The cells of integer data as codes, and where each distinct cell stands first."""

    def __init__(self, places: Sequence[int]) -> None:
        self.places = places
        self.codes = array("q")
        self.distinct: dict[str, int] = {}
        self.first: list[tuple[int, int]] = []

    def take(self, row: int, cells: Sequence[str]) -> None:
        """The cells of one more row."""
        for place in self.places:
            cell = cells[place].strip()
            code = self.distinct.get(cell)
            if code is None:
                code = self.distinct[cell] = len(self.distinct)
                self.first.append((row, place))
            self.codes.append(code)


class _Table:
    """The cells that are wanted, kept small: numbers in the model's dtype, classes as codes."""

    def __init__(
        self,
        path: Path,
        header: Sequence[str],
        dtype: str,
        wanted: Sequence[Data],
        places: Mapping[str, tuple[int, ...]],
    ) -> None:
        self.path, self.header, self.dtype = path, header, dtype
        self.wanted, self.places = wanted, places
        floats = [entry.name for entry in wanted if not entry.integer]
        self.numeric = sorted({*chain.from_iterable(places[name] for name in floats)})
        self.orders = {name: [*map(self.numeric.index, places[name])] for name in floats}
        self.floats = {name: bytearray() for name in floats}
        self.coded = {e.name: _Coded(places[e.name]) for e in wanted if e.integer}
        self.count = 0
        self.rows: list[int] = []  # those whose numbers are in `values`
        self.values = array("d")

    def read(self, rows: Records) -> None:
        """Take the cells of all rows."""
        width, pick, coded = len(self.header), _picker(self.numeric), [*self.coded.values()]
        for row, cells in rows:
            if len(cells) != width:
                self._round()
                raise DataError(
                    f"{self.path}, row {row}: expected {width} cells, as in the header, "
                    f"got {len(cells)}"
                )
            picked = pick(cells)
            text = "".join(picked)
            try:
                self.values.extend(map(float, picked))
            except ValueError:
                self._refuse(row, cells, rows)
            if "_" in text or not text.isascii():
                self._refuse(row, cells, rows)
            for one in coded:
                one.take(row, cells)
            self.rows.append(row)
            if len(self.values) >= BLOCK or len(self.rows) >= BLOCK:
                self._round()
        self._round()
        if not self.count:
            raise DataError(f"{self.path}: expected rows of data, got a header alone")

    def numbers(self, name: str) -> NDArray[Any]:
        """The numbers of floating-point data, [rows, columns]."""
        return np.frombuffer(self.floats[name], self.dtype).reshape(self.count, -1)

    def classes(
        self, data: Data, known: Sequence[str] | None
    ) -> tuple[NDArray[Any], tuple[str, ...]]:
        """Class numbers [rows, columns] of integer data, and its labels if they are text."""
        coded = self.coded[data.name]
        try:
            numbers, labels = class_numbers(data, [*coded.distinct], known)
        except CellError as error:
            code = coded.distinct[error.cell]
            where, advice = self._where(*coded.first[code]), ""
            if error.cell.casefold() in UNNAMED and len(coded.places) == 1:
                missing = (at for cell, at in coded.distinct.items() if cell.casefold() in UNNAMED)
                count = sum(map(coded.codes.count, missing))
                advice = f"\n{told_unnamed(count, len(coded.codes))}"
            raise DataError(
                f"{where}: {error} ({data.name} is {type_text(data)}){advice}"
            ) from None
        codes, table = np.frombuffer(coded.codes, np.int64), np.array(numbers, np.int64)
        for start in range(0, codes.size, BLOCK):
            block = codes[start : start + BLOCK]
            block[...] = table[block]
        return codes.reshape(self.count, -1), labels

    def _round(self) -> None:
        """Rounds the numbers of whole rows to the dtype; raises if one is not finite."""
        count, width = len(self.rows), len(self.numeric)
        exact = np.array(self.values[: count * width]).reshape(count, width)
        with np.errstate(over="ignore"):
            values = exact.astype(self.dtype)
        if not np.isfinite(values).all():
            row, column = np.argwhere(~np.isfinite(values))[0]
            value = exact[row, column]
            reason = f" (too large for {self.dtype})" if np.isfinite(value) else ""
            where = self._where(self.rows[row], self.numeric[column])
            advice = f"\n{FILL}" if np.isnan(value) else ""
            raise DataError(f"{where}: expected a finite number, got {value}{reason}{advice}")
        for name, order in self.orders.items():
            self.floats[name] += values[:, order].tobytes()
        self.count += count
        del self.rows[:], self.values[:]

    def _where(self, row: int, place: int) -> str:
        return f"{self.path}, row {row}, column {clipped(self.header[place])}"

    def _refuse(self, row: int, cells: Sequence[str], rows: Records) -> None:
        """Raises what is wrong with a row, if it is; `rows` are those below it."""
        self._round()
        for place in self.numeric:
            cell, where = cells[place], self._where(row, place)
            if not is_number(cell):
                came = clipped(cell) if cell.strip() else "an empty cell"
                hint = "; decimals have a point" if DECIMAL_COMMA.fullmatch(cell) else ""
                advice = self._advice(place, cells, rows)
                raise DataError(f"{where}: expected a number, got {came}{hint}{advice}")

    def _advice(self, place: int, cells: Sequence[str], rows: Records) -> str:
        """What to do about a cell that is no number; words in the first row are no misprint."""
        if is_missing(cells[place]):
            further = chain([cells], (others for _, others in rows))
            return f"\n{told_gaps(self.header, self.numeric, self.count, further)}"
        if self.count or not cells[place].strip().isalpha():
            return ""
        floats = (one for one in self.wanted if not one.integer)
        return next(f"\n{told_words(one)}" for one in floats if place in self.places[one.name])


def _picker(places: Sequence[int]) -> Callable[[list[str]], Sequence[str]]:
    """A function that takes the cells at `places`, several times faster than a loop."""
    if not places:
        return lambda cells: ()
    if list(places) == list(range(places[0], places[-1] + 1)):
        return itemgetter(slice(places[0], places[-1] + 1))
    return itemgetter(*places)


def _shaped(path: Path, data: Data, table: NDArray[Any]) -> NDArray[Any]:
    """Columns [rows, n] as the array `data` wants, `batch` on the axis where it stands there."""
    sizes = row_shape(data)
    known = math.prod(size for size in sizes if isinstance(size, int))
    unknown = [size for size in sizes if isinstance(size, str)]
    if len(unknown) > 1 or table.shape[1] % known:
        raise DataError(
            f"{path}: {table.shape[1]} columns do not make a row of "
            f"{data.name} {type_text(data)}; give this data as .npz"
        )
    row = [size if isinstance(size, int) else table.shape[1] // known for size in sizes]
    shaped = np.moveaxis(table.reshape(len(table), *row), 0, data.shape.index("batch"))
    return np.ascontiguousarray(shaped)

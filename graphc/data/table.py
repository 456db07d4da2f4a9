"""A CSV file as arrays: read cell by cell, nothing guessed, every error with row and column.

Rows are counted as a spreadsheet does: the header is row 1.
"""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphc.data.columns import match_columns, row_shape
from graphc.data.errors import DataError, clipped, type_text
from graphc.data.labels import CellError, class_numbers, is_number

if TYPE_CHECKING:
    from graphc.model import Data


def read_table(
    path: Path,
    data: Sequence[Data],
    columns: Mapping[str, Sequence[str]],
    dtype: str,
    inputs_only: bool,
    known: Mapping[str, Sequence[str]] | None,
) -> tuple[dict[str, NDArray[Any]], dict[str, tuple[str, ...]]]:
    """Read a CSV file with a header: (arrays by name, text labels by name).

    Raises `DataError` naming row and column, `OSError` as `open` does.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = _records(path, file)
        header = [name.strip() for name in next(records, (0, []))[1]]
        if not header:
            raise DataError(f"{path}: the file is empty; expected a header of column names")
        places = match_columns(path, header, data, columns, inputs_only)
        wanted = [entry for entry in data if entry.kind == "input" or not inputs_only]
        table = _Table(path, header)
        numeric = {place for e in wanted if not e.integer for place in places[e.name]}
        table.read(records, sorted(numeric), {e.name: places[e.name] for e in wanted if e.integer})
    values = table.numbers(dtype)
    arrays, labels = {}, {}
    for entry in wanted:
        found = places[entry.name]
        if not entry.integer:
            order = [table.numeric.index(place) for place in found]
            arrays[entry.name] = _shaped(path, entry, values[:, order])
        else:
            codes, names = table.classes(
                entry, found, None if known is None else known.get(entry.name, ())
            )
            arrays[entry.name] = _shaped(path, entry, codes)
            if names:
                labels[entry.name] = names
    return arrays, labels


def _records(path: Path, file: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, blank ones left out."""
    reader = csv.reader(file, strict=True, skipinitialspace=True)
    try:
        for row, cells in enumerate(reader, start=1):
            if cells:
                yield row, cells
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: {error}") from None
    except UnicodeDecodeError:
        with path.open("rb") as raw:
            for number, line in enumerate(raw, start=1):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    raise DataError(
                        f"{path}, line {number}: expected UTF-8 text, got other bytes"
                    ) from None
        raise


class _Table:
    """The cells that are wanted, kept small: numbers as doubles, classes as codes."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path = path
        self.header = header
        self.rows = array("q")
        self.numeric: Sequence[int] = ()
        self.values = array("d")
        self.codes: dict[str, array[int]] = {}
        self.distinct: dict[str, dict[str, int]] = {}

    def read(
        self,
        records: Iterator[tuple[int, list[str]]],
        numeric: Sequence[int],
        integer: Mapping[str, tuple[int, ...]],
    ) -> None:
        """Take the columns `numeric` as numbers and those of each `integer` data as codes."""
        self.numeric, width = numeric, len(self.header)
        self.codes = {name: array("q") for name in integer}
        self.distinct = {name: {} for name in integer}
        coded = [(found, self.codes[name], self.distinct[name]) for name, found in integer.items()]
        pick = _picker(numeric)
        for row, cells in records:
            if len(cells) != width:
                raise DataError(
                    f"{self.path}, row {row}: expected {width} cells, as in the header, "
                    f"got {len(cells)}"
                )
            picked = pick(cells)
            text = "".join(picked)
            try:
                self.values.extend(map(float, picked))
            except ValueError:
                self._refuse(row, numeric, picked)
            if "_" in text or not text.isascii():
                self._refuse(row, numeric, picked)
            for found, codes, distinct in coded:
                for place in found:
                    codes.append(distinct.setdefault(cells[place].strip(), len(distinct)))
            self.rows.append(row)
        if not self.rows:
            raise DataError(f"{self.path}: expected rows of data, got a header alone")

    def numbers(self, dtype: str) -> NDArray[Any]:
        """The numbers, [rows, numeric columns]; raises `DataError` where one is not finite."""
        exact = np.array(self.values, dtype=np.float64).reshape(len(self.rows), len(self.numeric))
        with np.errstate(over="ignore"):
            values = exact.astype(dtype)
        if not np.isfinite(values).all():
            row, column = np.argwhere(~np.isfinite(values))[0]
            value = exact[row, column]
            reason = f" (too large for {dtype})" if np.isfinite(value) else ""
            where = self._where(self.rows[row], self.numeric[column])
            raise DataError(f"{where}: expected a finite number, got {value}{reason}")
        return values

    def classes(
        self, data: Data, found: Sequence[int], known: Sequence[str] | None
    ) -> tuple[NDArray[Any], tuple[str, ...]]:
        """Class numbers [rows, columns] of integer data, and its labels if they are text."""
        codes = np.array(self.codes[data.name], dtype=np.int64)
        cells = list(self.distinct[data.name])
        try:
            numbers, labels = class_numbers(data, cells, known)
        except CellError as error:
            first = int(np.argmax(codes == cells.index(error.cell)))
            row, column = divmod(first, len(found))
            where = self._where(self.rows[row], found[column])
            raise DataError(f"{where}: {error} ({data.name} is {type_text(data)})") from None
        return np.array(numbers, dtype=np.int64)[codes].reshape(-1, len(found)), labels

    def _where(self, row: int, place: int) -> str:
        return f"{self.path}, row {row}, column {clipped(self.header[place])}"

    def _refuse(self, row: int, places: Sequence[int], cells: Sequence[str]) -> None:
        for place, cell in zip(places, cells, strict=True):
            if not cell.strip():
                raise DataError(f"{self._where(row, place)}: expected a number, got an empty cell")
            if not is_number(cell):
                raise DataError(
                    f"{self._where(row, place)}: expected a number, got {clipped(cell)}"
                )


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

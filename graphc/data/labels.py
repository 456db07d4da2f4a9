"""Class numbers and the text labels that stand for them, in sorted order: 0, 1, 2 …"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphc.data.errors import DataError, clipped

if TYPE_CHECKING:
    from graphc.model import Data

# A class number may come as "3.0": so a spreadsheet writes whole numbers beside a gap.
_WHOLE = re.compile(r"([+-]?[0-9]+)(?:\.0*)?", re.ASCII)
_MISSING = ("", "nan")
_DIGITS = 18  # what int64 holds for certain


class CellError(ValueError):
    """What is wrong with one distinct cell; `cell` lets the caller find its row and column."""

    def __init__(self, cell: str, problem: str) -> None:
        super().__init__(problem)
        self.cell = cell


def is_number(cell: str) -> bool:
    """Whether a cell holds a number as a data file writes one (`nan` and `inf` count)."""
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and "_" not in cell


def class_numbers(data: Data, cells: Sequence[str]) -> tuple[list[int], tuple[str, ...]]:
    """Number the distinct `cells` of integer data: (number of each cell, the labels if text).

    Whole numbers stand for themselves; if no cell is a number, the cells are labels.
    Raises `CellError` for a missing, mixed, fractional or unknown class.
    """
    for cell in cells:
        if cell.casefold() in _MISSING:
            raise CellError(cell, "a value is missing")
    numeric = [is_number(cell) for cell in cells]
    if cells and not any(numeric):
        labels = tuple(sorted(cells))
        place = {label: number for number, label in enumerate(labels)}
        return [place[cell] for cell in cells], labels
    numbers = []
    for cell, is_numeric in zip(cells, numeric, strict=True):
        if not is_numeric:
            number = cells[numeric.index(True)]
            raise CellError(
                cell,
                f"expected a class number, as {clipped(number)} elsewhere, or text labels "
                f"throughout, got {clipped(cell)}",
            )
        whole = _WHOLE.fullmatch(cell)
        if whole is None:
            raise CellError(cell, f"expected a whole number, got {clipped(cell)}")
        value = int(whole[1]) if len(whole[1]) <= _DIGITS else -1
        if data.classes is not None and not 0 <= value < data.classes:
            last = data.classes - 1
            raise CellError(cell, f"expected a class from 0 to {last}, got {clipped(cell)}")
        if len(whole[1]) > _DIGITS:
            raise CellError(
                cell, f"expected a whole number of {_DIGITS} digits or less, got {clipped(cell)}"
            )
        numbers.append(value)
    return numbers, ()


def complete(data: Data, labels: Sequence[str]) -> bool:
    """Whether these distinct cells are text labels for all the classes of `data`, none missing."""
    text = not any(is_number(cell) or cell.casefold() in _MISSING for cell in labels)
    return text and len(labels) == data.classes


def check_labels(where: str, data: Data, labels: Sequence[str], inputs_only: bool) -> None:
    """See that text labels can be numbered as the model's classes.

    To predict (`inputs_only`) every class has to occur: a file with some of the labels would
    number them otherwise than the training data did. Raises `DataError`.
    """
    if any(label.casefold() in _MISSING for label in labels):
        raise DataError(f"{where}: a label is missing")
    some = ", ".join(map(clipped, labels[:5])) + (", …" if len(labels) > 5 else "")
    if data.classes is not None and len(labels) > data.classes:
        raise DataError(
            f"{where}: expected at most {data.classes} labels, one for each class of "
            f"{data.name!r}, got {len(labels)}: {some}"
        )
    if inputs_only and len(labels) != data.classes:
        raise DataError(
            f"{where}: expected class numbers; the text labels {some} are not all the classes, "
            "so their numbers cannot be known"
        )

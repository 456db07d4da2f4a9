"""Class numbers and the text labels that stand for them: in sorted order, or as once learnt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from graphc.data.errors import clipped

if TYPE_CHECKING:
    from graphc.model import Data

# A class number may come as "3.0": so a spreadsheet writes whole numbers beside a gap.
_WHOLE = re.compile(r"([+-]?[0-9]+)(?:\.0*)?", re.ASCII)
UNNAMED = ("", "nan")
LONGEST = 1000  # characters of a label or of the name of a column; saved files keep them all
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


def class_numbers(
    data: Data, cells: Sequence[str], known: Sequence[str] | None
) -> tuple[list[int], tuple[str, ...]]:
    """Number the distinct `cells` of integer data: (number of each cell, the labels if text).

    Whole numbers stand for themselves; if no cell is a number, the cells are labels. `known` are
    the labels that the parameters were trained with, if they were.
    Raises `CellError` for a missing, mixed, fractional or unknown class.
    """
    for cell in cells:
        if cell.casefold() in UNNAMED:
            raise CellError(cell, "a value is missing")
    numeric = [is_number(cell) for cell in cells]
    if known or (cells and not any(numeric)):
        return numbered(data, cells, known)
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
        value = _number(cell)
        if data.classes is not None and not 0 <= value < data.classes:
            wanted = f"expected a class from 0 to {data.classes - 1}, got {clipped(cell)}"
            raise CellError(cell, wanted + counted_from_one(data.classes, map(_number, cells)))
        if len(whole[1]) > _DIGITS:
            raise CellError(
                cell, f"expected a whole number of {_DIGITS} digits or less, got {clipped(cell)}"
            )
        numbers.append(value)
    return numbers, ()


def _number(cell: str) -> int:
    """The whole number in a cell; -1 if there is none, or one that is too long."""
    whole = _WHOLE.fullmatch(cell)
    return int(whole[1]) if whole and len(whole[1]) <= _DIGITS else -1


def counted_from_one(classes: int, numbers: Iterable[int]) -> str:
    """What to do about class numbers that go from 1 to `classes`, or the empty string."""
    found = {*numbers}
    if min(found) != 1 or max(found) != classes:
        return ""
    return "; classes count from 0: subtract 1"


def numbered(
    data: Data, labels: Sequence[str], known: Sequence[str] | None
) -> tuple[list[int], tuple[str, ...]]:
    """Number distinct text labels: by their place in `known`, or in sorted order if it is None.

    Returns (number of each label, all labels in order). Raises `CellError` for a label that is
    missing or not known, and for the first that is more than there are classes.
    """
    ordered = tuple(sorted(labels) if known is None else known)
    place = {label: number for number, label in enumerate(ordered)}
    for label in labels:
        if label.casefold() in UNNAMED:
            raise CellError(label, "a label is missing")
        if len(label) > LONGEST:
            told = f"expected labels of at most {LONGEST:,} characters, got {len(label):,}"
            raise CellError(label, f"{told}: {clipped(label)}")
        if label not in place:
            wanted = f"one of {_some(ordered)}" if ordered else "a class number"
            raise CellError(label, f"expected {wanted}, as in training, got {clipped(label)}")
    if data.classes is not None and len(ordered) > data.classes:
        raise CellError(
            labels[data.classes],
            f"expected at most {data.classes} labels, one for each class of {data.name!r}, "
            f"got {len(ordered)}: {_some(ordered)}",
        )
    return [place[label] for label in labels], ordered


def _some(labels: Sequence[str]) -> str:
    return ", ".join(map(clipped, labels[:5])) + (", …" if len(labels) > 5 else "")

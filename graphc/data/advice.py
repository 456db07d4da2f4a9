"""What to do about cells that hold no number, told below the message that says where one is."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from graphc.data.errors import DataError, clipped

if TYPE_CHECKING:
    from graphc.model import Data

MISSING = {"", "na", "n/a", "nan", "null"}  # in small letters, what stands for no value
SHOWN = 5  # columns that are told, at most
FILL = (
    "leave these rows out, or fill the cells in, as with the mean of the column, and add a column "
    "of 0 and 1 that says where"
)


def is_missing(cell: str) -> bool:
    """Whether a cell is empty, or says that there is no value."""
    return cell.strip().casefold() in MISSING


def told_gaps(
    header: Sequence[str], places: Sequence[int], before: int, rows: Iterator[Sequence[str]]
) -> str:
    """How many rows lack a value in one of the columns at `places`, and what to do about them.

    `rows` are the first such row and those below it; the ones `before` lack nothing.
    """
    gaps: Counter[int] = Counter()
    count, lacking = before, 0
    with contextlib.suppress(DataError):  # what else is wrong further down is told another time
        for cells in rows:
            empty = [i for i in places if i < len(cells) and is_missing(cells[i])]
            gaps.update(empty)
            count, lacking = count + 1, lacking + bool(empty)
    each = [f"{number:,} in {clipped(header[place])}" for place, number in gaps.most_common(SHOWN)]
    return (
        f"{_share(lacking, count)} empty cells "
        f"({', '.join(each)}{', …' if len(gaps) > SHOWN else ''}); {FILL}"
    )


def told_unnamed(lacking: int, count: int) -> str:
    """How many of the cells of a column of classes are empty, and what to do about them."""
    return (
        f"{_share(lacking, count)} no class there; leave these rows out, or give them a class of "
        "their own"
    )


def _share(some: int, count: int) -> str:
    """`2 of 30 rows have`."""
    have = "row has" if count == 1 else "rows has" if some == 1 else "rows have"
    return f"{some:,} of {count:,} {have}"


def told_words(data: Data) -> str:
    """What to do about a column of words where `data` wants numbers."""
    if data.kind == "input":
        return "give words an input of their own, as `kind : int[batch]`, with `embedding`"
    return (
        f"write 0 and 1 for two words, or declare `{data.name} : int[batch]` with cross_entropy "
        "and a score for each word"
    )

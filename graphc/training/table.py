"""The parameters of a model as a table: name, shape and number, and the bytes that a step takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphc.model import BYTES, at, bytes_text

if TYPE_CHECKING:
    from graphc.model import Model, Parameter

FEW = 12  # numbers that need no table: a run prints them at its end
MOST = 12  # rows
NAMES, SHAPES = 36, 20  # characters of a column


def table(model: Model, batch: int | None) -> list[str]:
    """A line for each parameter, or for each block of them where they are many, and the memory.

    `batch` is how many rows a step takes, None in a model without rows.
    """
    if sum(one.size for one in model.parameters) <= FEW:
        return []
    rows = [_row(name, group) for name, group in _folded(model.parameters)]
    left = [max(len(row[column]) for row in rows) for column in (0, 1)]
    right = max(len(row[2]) for row in rows)
    cells = [
        f"    {name:<{left[0]}}  {shape:<{left[1]}}  {size:>{right}}  {note}".rstrip()
        for name, shape, size, note in rows
    ]
    return [*cells, _memory(model, batch)]


def _row(name: str, group: Sequence[Parameter]) -> tuple[str, str, str, str]:
    """The cells of some parameters: name, shape, how many numbers, whether they are frozen."""
    shape = str(list(group[0].shape)) if len(group) == 1 else f"{len(group)} parameters"
    size = f"{sum(one.size for one in group):,}"
    frozen = sum(one.frozen for one in group)
    note = "" if not frozen else "frozen" if frozen == len(group) else f"{frozen} frozen"
    return _cut(name, NAMES), _cut(shape, SHAPES), size, note


def _folded(parameters: Sequence[Parameter]) -> list[tuple[str, list[Parameter]]]:
    """Parameters by name, those of a block as one where there would be too many rows.

    Innermost blocks are folded first, of those the largest. What no block holds is one row from
    the last that has room.
    """
    rows = {tuple(one.name.split(".")): [one] for one in parameters}
    while len(rows) > MOST and (deepest := max(map(len, rows))) > 1:
        sizes = Counter(path[:-1] for path in rows if len(path) == deepest)
        largest = max(sizes.values())
        folded: dict[tuple[str, ...], list[Parameter]] = {}
        for path, group in rows.items():
            inside = len(path) == deepest and sizes[path[:-1]] == largest
            folded.setdefault(path[:-1] if inside else path, []).extend(group)
        rows = folded
    named = [(".".join(path), group) for path, group in rows.items()]
    if len(named) > MOST:
        rest = [one for _, group in named[MOST - 1 :] for one in group]
        named = [*named[: MOST - 1], ("and", rest)]
    return named


def _memory(model: Model, batch: int | None) -> str:
    """The bytes of a step, and of these those of the parameters and of the optimizer."""
    numbers = sum(one.size for one in model.parameters) * BYTES[model.dtype]
    step, rows = at(model.step_peak, batch or 1), "" if batch is None else f" of {batch:,} rows"
    optimizer = model.held - 2 * numbers  # what is held beside parameters and gradient
    parts = f"parameters {bytes_text(numbers)}, optimizer {bytes_text(optimizer)}"
    return f"    a step{rows}: {bytes_text(step)} ({parts})"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"

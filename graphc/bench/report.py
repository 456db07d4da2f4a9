"""A measurement as lines and a table for the terminal, or as a value for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

from graphc.bench import Bench, Timed

if TYPE_CHECKING:
    from rich.table import Table

PURPOSES = {
    "step": "arrays of a step",
    "evaluation": "arrays of evaluation",
    "parameters": "parameters",
    "gradient": "gradient",
    "optimizer": "optimizer",
    "constants": "constants",
}
REST = "calling the functions, and the rest"


def summary(name: str, found: Bench) -> Iterator[str]:
    """The lines that say what a step takes, in time and in memory."""
    sizes = dict(found.sizes)
    rows = sizes.pop("batch", None)
    parts = [f"{found.parameters:,} parameter{_s(found.parameters)}", found.dtype]
    parts += [f"{rows:,} row{_s(rows)} a step"] if rows is not None else []
    yield f"{name}: {', '.join([*parts, *(f'{size} {value}' for size, value in sizes.items())])}"
    yield ""
    yield from _aligned(list(_times(found)))
    if found.products is None:
        yield "A step has no matrix product that it could be compared with."
    yield ""
    yield from _aligned(list(_bytes(found)))


def _times(found: Bench) -> Iterator[tuple[str, str, str]]:
    step, products, count = found.step, found.products, found.product_count
    low, high = (_number(part, found) for part in (step.low, step.high))
    spread = f"median of {step.runs:,}; half of them {low} to {high}"
    yield "a step", f"{_number(step.microseconds, found)} µs", spread
    if products is not None:
        ratio = step.microseconds / products.microseconds
        told = f"run alone; a step takes {ratio:.2f} times as long"
        what = f"{count} matrix product{_s(count)}"
        yield what, f"{_number(products.microseconds, found)} µs", told
    for what, one in (("predict", found.predict), ("loss", found.loss)):
        if one is not None:
            yield what, f"{_number(one.microseconds, found)} µs", ""


def _bytes(found: Bench) -> Iterator[tuple[str, str, str]]:
    for purpose, what in PURPOSES.items():
        if count := found.bytes.get(purpose):
            yield what, f"{count:,} bytes", ""
    most = max(found.statements, key=lambda one: (one.share is not None, one.allocated))
    told = "for a moment"
    if 2 * most.allocated > found.allocated:
        told += f", in line {most.site.line}"
    yield "taken by a step", f"{found.allocated:,} bytes", told


def _aligned(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for what, number, told in rows:
        yield f"{what:<{first}}  {number:>{second}}  {told}".rstrip()


def in_order(found: Bench) -> Table:
    """Every statement, below the line of the model that it comes from, below its function."""
    table = _table()
    for function, group in groupby(found.statements, lambda one: one.site.function):
        own = list(group)
        title = function if own[0].share is not None else f"{function} (a step does without)"
        rest = found.rest if function == "step" else 0.0
        table.add_row("", title, *_cells(found, own, rest), style="bold")
        for (place, model), some in groupby(own, lambda one: (one.site.place, one.site.model)):
            _line(table, found, f"  {place}  {model}" if place else "", list(some))
        if function == "step":
            table.add_row("", f"  {REST}", *_cells(found, [], rest))
    return table


def _line(table: Table, found: Bench, title: str, own: Sequence[Timed]) -> None:
    """The statements of one line of the model, those of each part of it below that."""
    if title:
        table.add_row("", title, *_cells(found, own), style="cyan")
    several = len({one.site.part for one in own}) > 1
    for part, some in groupby(own, lambda one: one.site.part):
        statements = list(some)
        if several and part:
            table.add_row("", f"    {part}", *_cells(found, statements), style="cyan")
        indent = 2 + 2 * bool(title) + 2 * (several and bool(part))
        for one in statements:
            text = " " * indent + one.site.text
            table.add_row(str(one.site.line), text, *_cells(found, [one]))


def slowest(found: Bench, count: int) -> Table:
    """The statements of a step that take longest, with the lines of the model in a column."""
    table = _table("from")
    inside = [one for one in found.statements if one.share is not None]
    for one in sorted(inside, key=lambda one: -one.microseconds)[:count]:
        table.add_row(
            str(one.site.line),
            one.site.text,
            *_cells(found, [one]),
            one.site.place or one.site.function,
        )
    return table


def _table(*more: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("line", justify="right")
    table.add_column("statement of the module", no_wrap=True, overflow="ellipsis", ratio=1)
    for name in ("µs", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in more:
        table.add_column(name, no_wrap=True)
    return table


def _cells(found: Bench, statements: Sequence[Timed], more: float = 0.0) -> tuple[str, str]:
    """What some statements take together, and their share of a step if they are in it."""
    time = sum((one.microseconds for one in statements), more)
    inside = all(one.share is not None for one in statements)
    return _number(time, found), f"{100 * time / found.whole:.1f} %" if inside else ""


def _number(microseconds: float, found: Bench) -> str:
    """With as many places as tell something about this model."""
    step = found.step.microseconds
    return f"{microseconds:,.{2 if step < 100 else 1 if step < 10_000 else 0}f}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def record(file: str, found: Bench) -> dict[str, Any]:
    """The measurement in plain values; times are microseconds, shares are parts of a step."""
    whole = asdict(found)
    whole["statements"] = [
        {
            **asdict(one.site),
            **{name: value for name, value in asdict(one).items() if name != "site"},
        }
        for one in found.statements
    ]
    return {"file": file, **whole}

"""A trace as a table for a terminal, 80 columns wide, or more if there are more."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from graphc.drawing import printable
from graphc.evaluation import evaluated
from graphc.explained.telling import listed
from graphc.explained.text import broken
from graphc.traced.numbers import ASKED, SMALL, fits, lines
from graphc.traced.trace import Gate
from graphc.traced.view import Row, View

WIDTH = 80
GAP = "  "
NARROWEST = 20  # of the column of names
BELOW = 6  # columns before what stands below a name
HEAD = 9  # of the words there

Cells = tuple[list[str], list[str], list[str], list[str]]  # of a row: the lines of each


@dataclass(frozen=True)
class Room:
    """How many characters wide numbers may be, and how many are written out.

    `beside` is for a gradient with its reader on one line.
    """

    numbers: int
    beside: int
    most: int

    @classmethod
    def of(cls, width: int, why: bool) -> Room:
        """The room in a column of a table."""
        more = (width - WIDTH) // 2
        return cls(24 + more, 26 + more, ASKED if why else SMALL)

    def below(self, width: int) -> Room:
        """The room below a row, for what is too wide to stand in it."""
        wide = width - BELOW - HEAD - len(GAP)
        return replace(self, numbers=wide, beside=wide)


def table(
    view: View, gates: Sequence[Gate], why: bool = False, width: int = WIDTH
) -> Iterator[str]:
    """The lines of a table of some gates: what each is, its value, and beside it its gradient.

    Where several readers send a gradient back, what each of them sends stands below their sum.
    What is too wide for a column stands below its name. With `why` the formulas of the gradient
    follow, and larger arrays are shown whole.
    """
    yield from _head(view)
    yield ""
    room = Room.of(width, why)
    shown = [view.row(one) for one in gates]
    wide = [not _fits(row, room) for row in shown]
    rows = [_cells(row, room, apart) for row, apart in zip(shown, wide, strict=True)]
    heads: Cells = (["line"], [""], ["value"], ["gradient"])
    widths = [max(len(line) for row in [heads, *rows] for line in row[at]) for at in range(4)]
    widths[1] = max(width - widths[0] - widths[2] - widths[3] - 3 * len(GAP), NARROWEST)
    names = [_name(row, widths[1]) for row in shown]
    widths[1] = max((len(line) for name in names for line in name), default=0)
    yield from _printed(heads, widths)
    before = 0
    for one, row, name, apart in zip(shown, rows, names, wide, strict=True):
        found = [*_printed((row[0], name, row[2], row[3]), widths)]
        found += _below(one, room.below(width)) if apart else []
        found += _formulas(view.trace.derived(one.gate)) if why else []
        if before > 1 or (before and len(found) > 1):
            yield ""
        yield from found
        before = len(found)
    notes = [*_notes(view, gates)]
    yield from [""] * bool(notes)
    for note in notes:
        yield from textwrap.wrap(note, WIDTH, break_long_words=False, break_on_hyphens=False)


def _head(view: View) -> list[str]:
    """What the table is of."""
    trace = view.trace
    name = trace.gates[trace.loss].name
    loss = "the loss" if name == "loss" else f"the loss {name}"
    title = (
        f"{printable(trace.title)}. A gradient tells how fast {loss} grows where the value beside"
        " it does."
    )
    return textwrap.wrap(title, WIDTH)


def _fits(row: Row, room: Room) -> bool:
    """Whether a row's value and gradient stand well beside one another."""
    value, back = row.gate.value, row.gate.gradient
    sent = [part for _, part in row.parts] if len(row.parts) > 1 else []
    columns = [(value, room.numbers), *((one, room.numbers - 2) for one in sent)]
    columns += [] if back is None else [(back, room.beside)]
    return all(fits(one, width, room.most) for one, width in columns)


def _cells(row: Row, room: Room, apart: bool) -> Cells:
    line = [str(row.gate.line)] if row.gate.line else [""]
    if apart:
        return line, [""], [""], [""]
    return line, [""], lines(row.gate.value, room.numbers, room.most), [*_gradient(row, room)]


def _below(row: Row, room: Room) -> Iterator[str]:
    """The value and the gradient of a row, one below the other."""
    for word, found in (
        ("value", lines(row.gate.value, room.numbers, room.most)),
        ("gradient", [*_gradient(row, room)]),
    ):
        for place, line in enumerate(found):
            yield f"{'':{BELOW}}{'' if place else word:<{HEAD}}{GAP}{line}"


def _printed(row: Cells, widths: Sequence[int]) -> Iterator[str]:
    """A row's lines; a value of several lines is a block, a number stands at the right."""
    number, name, value, gradient = row
    wide = max(map(len, value))
    for one, two, three, four in zip_longest(number, name, value, gradient, fillvalue=""):
        middle = f"{f'{three:<{wide}}':>{widths[2]}}"
        text = f"{one:>{widths[0]}}{GAP}{two:<{widths[1]}}{GAP}{middle}{GAP}{four}"
        yield text.rstrip()


def _formulas(formulas: Sequence[str]) -> Iterator[str]:
    """The formulas of a gradient, below its row."""
    for formula in formulas:
        first, *rest = broken(formula, WIDTH - 10)
        yield f"      {first}"
        yield from (f"          {line}" for line in rest)


def _name(row: Row, width: int) -> list[str]:
    """A gate's name and what computes it, with its shape if it is an array."""
    shape = f" : {list(row.gate.value.shape)}" if row.gate.value.ndim else ""
    text = " = ".join(one for one in (row.name, row.formula) if one)
    if len(text + shape) <= width:
        return [text + shape]
    found = [text]
    if len(text) > width:
        first, *rest = _fitting(row.formula or row.name, width - 2)
        found = [f"{row.name} =", f"  {first}"] if row.name and row.formula else [first]
        found += [f"  {one}" for one in rest]
    return [*found, f"  {shape.removeprefix(' : ')}"] if shape else found


def _fitting(text: str, width: int) -> list[str]:
    """A formula in lines; what cannot be broken where it reads well loses its end."""
    return [_clipped(line, width) for line in broken(text, width)]


def _clipped(text: str, width: int) -> str:
    """What fits of a text: of a name in a block its own end."""
    if len(text) <= width:
        return text
    dotted = text.replace(".", "_").isidentifier()
    return f"…{text[1 - width :]}" if dotted else f"{text[: width - 1]}…"


def _gradient(row: Row, room: Room) -> Iterator[str]:
    """The gradient of a gate, and who sends it."""
    if row.gate.gradient is None:
        return
    own = lines(row.gate.gradient, room.beside, room.most)
    if len(row.parts) == 1:
        yield from _beside(own, row.parts[0][0], room.beside)
        return
    yield from own
    for place, (reader, part) in enumerate(row.parts):
        less = place > 0 and not part.ndim and part < 0
        numbers = lines(-part if less else part, room.numbers - 2, room.most)
        first, *rest = _beside(numbers, reader, room.beside - 2)
        yield f"{'-' if less else '+' if place else '='} {first}"
        yield from (f"  {line}" for line in rest)


def _beside(numbers: list[str], reader: str, width: int) -> list[str]:
    """Numbers with who sends them beside them, or below where that is too wide."""
    by = f"from {_clipped(reader, width - 5)}"
    if len(numbers) == 1 and len(numbers[0]) + len(GAP) + len(by) <= width:
        return [f"{numbers[0]}{GAP}{by}"]
    return [*numbers, by]


def _notes(view: View, gates: Sequence[Gate]) -> Iterator[str]:
    """What is not in the table, and why."""
    data = [one.name for one in gates if one.kind in {"input", "target"}]
    if data:
        what = f"{listed(data)} {'is' if len(data) == 1 else 'are'} data"
        yield f"{what}: no gradient is computed for {'it' if len(data) == 1 else 'them'}."
    idle = [one for one in gates if one.gradient is None and one.kind in {"step", "param"}]
    if idle:
        yield f"No gradient comes back to {listed([view.reader(one) for one in idle])}."
    if evaluated(view.trace.graph) is not None:
        yield "It is run as a training step is; evaluation computes some of it otherwise."
    seen = view.shown()
    if len(gates) == len(seen):
        keys = view.trace.gates.keys() - {one.key for one in seen}
        boxed = sum(view.item(key).kind == "box" for key in keys)
        if boxed:
            yield f"{boxed} values in blocks are left out; --expand all shows them."
        if len(keys) > boxed:
            yield f"{len(keys) - boxed} values within lines are left out."

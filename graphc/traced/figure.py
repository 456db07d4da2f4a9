"""The picture of a trace: above each edge the value on it, below it the gradient that returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from graphc.drawn.picture import Item, Level
from graphc.drawn.style import STYLE
from graphc.drawn.svg import figure, standing
from graphc.traced.evaluating import Array
from graphc.traced.numbers import shown, summary
from graphc.traced.trace import Gate
from graphc.traced.view import View

MOST = 3  # numbers that are written at an edge
TERMS = 4  # of a sum that is written there
NUMBERS = """
.graph { --ahead: #15803d; }
@media (prefers-color-scheme: dark) { .graph { --ahead: #4ade80; } }
.graph text.small[data-value] { font-size: 11px; font-weight: 600; fill: var(--ahead); }
.graph text.small.returning { fill: var(--back); }
"""


def svg(view: View) -> str:
    """The picture as a file of its own, all numbers on it."""
    _prepare(view)
    picture = view.picture
    body = figure(picture, picture.top, picture.title, style=STYLE + NUMBERS)
    return standing(picture, body)


def drawn(view: View, link: Callable[[Item], str]) -> str:
    """The picture as an `svg` element; `link` is where a click on an item leads."""
    _prepare(view)
    picture = view.picture
    return figure(picture, picture.top, picture.title, head=False, link=link)


def _prepare(view: View) -> None:
    """Writes the numbers of a trace on its picture."""
    picture = view.picture
    levels = [*picture.top.nested()]
    read = {edge.value for level in levels for edge in level.edges}
    for level in levels:
        _numbered(level, view)
        for item in level.items.values():
            gate = view.trace.gates.get(item.value)
            if gate is not None and not gate.value.ndim:
                item.small = []  # how a number begins, which here may be another
            if gate is not None and item.kind == "step" and gate.key not in read:
                item.small = [brief(gate.value)]


def _numbered(level: Level, view: View) -> None:
    """Writes the numbers on the edges of a level."""
    gates, visible = view.trace.gates, view.picture.visible
    leaves = Counter(visible[key] for key, one in gates.items() if one.kind != "step")
    for edge in level.edges:
        gate = gates.get(edge.value)
        if gate is None or (gate.kind != "step" and leaves[visible[gate.key]] > 1):
            continue  # a number, or one of several parameters that are drawn as one
        level.shapes[edge.value] = brief(gate.value)
        level.gradients[edge.value] = _sum(gate, view)


def _sum(gate: Gate, view: View) -> str:
    """A gradient, with its parts if it is a number that several readers send a part of."""
    if gate.gradient is None:
        return ""
    parts = [part for _, part in view.row(gate).parts]
    if gate.gradient.ndim or not 1 < len(parts) <= TERMS:
        return brief(gate.gradient)
    return f"{brief(gate.gradient)} = {added(parts)}"


def added(parts: list[Array]) -> str:
    """Numbers as a sum: `6 + 8 - 1`."""
    words = [shown(parts[0].item())]
    for part in parts[1:]:
        words += ["-" if part < 0 else "+", shown(abs(part.item()))]
    return minus(" ".join(words))


def brief(array: Array) -> str:
    """An array in the room above an edge."""
    if not array.ndim:
        return minus(shown(array.item()))
    if array.size <= MOST:
        digits = 4 if array.size == 1 else 3
        return minus(", ".join(shown(one, digits) for one in array.ravel()))
    return minus(summary(array).partition(",")[0].replace(" to ", " … "))


def minus(text: str) -> str:
    """A text with the sign that is as wide as a plus."""
    return text.replace("-", "−").replace("e−", "e-")

"""A trace as a page that stands alone: graph and code together, stepped through line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources
from string import Template

from graphc import __version__
from graphc.drawn.picture import Item
from graphc.drawn.style import STYLE
from graphc.plan import Plan
from graphc.traced.arrays import told
from graphc.traced.example import Example
from graphc.traced.figure import added, brief, drawn
from graphc.traced.running import Ran, functions, ran
from graphc.traced.trace import Gate
from graphc.traced.view import View
from graphc.traced.wave import Moment, moments
from graphc.verify.module import Module

COMMENT = re.compile(r"(?:^|  )# .*$")
BEGINS = {
    "draw": "A training step begins with its random numbers.",
    "forward": "Forward: each value from those before it, from the data to the loss.",
    "loss": "The loss, from what forward has computed.",
    "backward": "Backward: the derivative of the loss by each value, last value first. That of the"
    " loss by itself is 1.",
    "update": "The update: the optimizer moves every parameter against its gradient.",
    "track": "What evaluation will use of this step.",
}


def stepper(view: View, source: str, plan: Plan, example: Example) -> str:
    """The page of a trace, on which the emitted module `source` with its plan is run."""
    parsed = Module(source, 0)
    steps = moments(view.trace, plan, [*ran(parsed, plan, example)])
    return _Page(view, parsed, steps).text()


def _file(name: str) -> str:
    return resources.files("graphc").joinpath("traced", name).read_text("utf-8")


class _Page:
    """Prints a page."""

    def __init__(self, view: View, parsed: Module, steps: Sequence[Moment]) -> None:
        self.view, self.parsed, self.steps = view, parsed, steps
        self.gates = view.trace.gates
        self.lines = [self._line(one) for one in steps]
        self.lit = [self._lit(one) for one in steps]
        self.ways: dict[str, int] = {}  # where a click on an item leads
        for number, one in enumerate(steps, 1):
            for item in self.lit[number - 1] if one.ran is not None else ():
                self.ways.setdefault(item, number)

    def text(self) -> str:
        """The whole page."""
        trace = self.view.trace
        return Template(_file("page.html")).substitute(
            title=escape(f"{trace.source}: one example, forward and back"),
            source=escape(trace.source),
            version=__version__,
            style=STYLE + _file("page.css"),
            script=_file("page.js"),
            count=len(self.steps),
            graph=drawn(self.view, self._link),
            code="\n".join(self._code()),
            told="\n".join(self._told(n, one) for n, one in enumerate(self.steps, 1)),
        )

    def _line(self, one: Moment) -> int:
        """The line of the module on which a moment is."""
        return one.ran.line if one.ran is not None else self.parsed.tree[one.function].lineno

    def _lit(self, one: Moment) -> list[str]:
        """The items that a moment belongs to."""
        return list(dict.fromkeys(self.view.picture.visible[key] for key in one.gates))

    def _link(self, item: Item) -> str:
        number = self.ways.get(item.key)
        return f"#step={number}" if number else ""

    def _code(self) -> Iterator[str]:
        """The functions of a training step as they stand in the module."""
        numbers: dict[int, int] = {}
        for number, line in enumerate(self.lines, 1):
            numbers.setdefault(line, number)
        text = self.parsed.source.split("\n")
        for name in functions(self.parsed):
            node = self.parsed.tree[name]
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                shown = _coloured(text[line - 1])
                if line in numbers:
                    shown = f'<a href="#step={numbers[line]}" data-line="{line}">{shown}</a>'
                yield f"<li>{shown}</li>"
            yield "<li></li>"

    def _told(self, number: int, one: Moment) -> str:
        """What is told of a moment; its marks say what is lit and known from then on."""
        marks = {
            "line": [str(self.lines[number - 1])],
            "lit": self.lit[number - 1],
            "values": [str(key) for key in one.values],
            "gradients": [str(key) for key in one.gradients],
        }
        data = " ".join(f'data-{name}="{" ".join(found)}"' for name, found in marks.items())
        way = "back" if one.backward else "ahead"
        body = "".join(self._written(one.ran) if one.ran else self._begun(one))
        known = "".join(self._known(one))
        return (
            f'<section class="told {way}" id="told-{number}" {data} hidden>'
            f"<div>{body}</div><div>{known}</div></section>"
        )

    def _begun(self, one: Moment) -> Iterator[str]:
        yield f"<h2>{escape(one.function)}</h2><p>{BEGINS[one.function]}</p>"

    def _written(self, ran: Ran) -> Iterator[str]:
        """What a line has computed."""
        shape = f" <small>{list(ran.value.shape)}</small>" if ran.value.ndim else ""
        yield f"<h2><code>{escape(ran.meaning)}</code>{shape}</h2>"
        yield told(ran.value)

    def _known(self, one: Moment) -> Iterator[str]:
        """What is known of the user's own values from this line on."""
        if one.ran is not None and (where := self._where(one)):
            yield f'<p class="soft">{where}</p>'
        rows = [self._value(self.gates[key]) for key in one.values]
        rows += [self._gradient(self.gates[key]) for key in reversed(one.gradients)]
        if rows:
            yield f'<table class="known">{"".join(rows)}</table>'

    def _where(self, one: Moment) -> str:
        """The gate that a line belongs to, and its line in the model."""
        if one.function == "update":
            return "the optimizer of the model"
        if not one.gates:
            return ""
        gate = self.gates[one.gates[-1]]
        text = f"{gate.name} = {gate.formula}" if gate.name and gate.formula else gate.title
        way = "back through" if one.backward else "forward:"
        line = f", line {gate.line} of {self.view.trace.source}" if gate.line else ""
        return f"{way} <code>{escape(text)}</code>{escape(line)}"

    def _value(self, gate: Gate) -> str:
        return f"<tr><th><code>{escape(gate.title)}</code><td>{escape(brief(gate.value))}<td></tr>"

    def _gradient(self, gate: Gate) -> str:
        """A gradient, and the readers whose parts it is the sum of."""
        assert gate.gradient is not None
        row = self.view.row(gate)
        by = " + ".join(f"<code>{escape(name)}</code>" for name, _ in row.parts)
        if len(row.parts) > 1 and not gate.gradient.ndim:
            by = f"= {escape(added([part for _, part in row.parts]))}, by {by}"
        elif row.parts:
            by = f"from {by}"
        head = f"gradient of <code>{escape(gate.title)}</code>"
        return f'<tr class="back"><th>{head}<td>{escape(brief(gate.gradient))}<td>{by}</tr>'


def _coloured(line: str) -> str:
    """A line of code, its comment apart."""
    found = COMMENT.search(line)
    if not found:
        return escape(line)
    code, comment = line[: found.start()], line[found.start() :]
    return f"{escape(code)}<i>{escape(comment)}</i>"

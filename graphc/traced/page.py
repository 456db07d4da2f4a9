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
from graphc.traced.example import Example
from graphc.traced.figure import drawn
from graphc.traced.running import functions
from graphc.traced.telling import Teller
from graphc.traced.view import View
from graphc.traced.wave import Moment, moments
from graphc.traced.written import trials
from graphc.verify.module import Module

COMMENT = re.compile(r"(?:^|  )# .*$")


def stepper(view: View, source: str, plan: Plan, example: Example) -> str:
    """The page of a trace, on which the emitted module `source` with its plan is run."""
    parsed = Module(source, 0)
    steps = moments(trials(view.trace, parsed, plan, example), plan)
    return _Page(view, parsed, steps, Teller(view, example)).text()


def _file(name: str) -> str:
    return resources.files("graphc").joinpath("traced", name).read_text("utf-8")


class _Page:
    """Prints a page."""

    def __init__(self, view: View, parsed: Module, steps: Sequence[Moment], teller: Teller) -> None:
        self.view, self.parsed, self.steps, self.teller = view, parsed, steps, teller
        self.lines = [self._line(one) for one in steps]
        self.lit = [self._lit(one) for one in steps]
        self.ways = self._ways()

    def text(self) -> str:
        """The whole page."""
        trace = self.view.trace
        return Template(_file("page.html")).substitute(
            title=escape(trace.title),
            file=escape(trace.source).replace("--", "- -"),
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
        """The items that a moment belongs to, and those whose gradients it makes known."""
        keys = [*one.gates, *one.gradients]
        return list(dict.fromkeys(self.view.picture.visible[key] for key in keys))

    def _ways(self) -> dict[str, int]:
        """Where a click on an item leads: to what computes it, of a parameter its gradient."""
        found: dict[str, int] = {}
        for number, one in enumerate(self.steps, 1):
            leaves = [key for key in one.gradients if self.view.trace.graph[key].op is None]
            items = [self.view.picture.visible[key] for key in leaves]
            items += self.lit[number - 1] if one.ran is not None else []
            for item in items:
                found.setdefault(item, number)
        return found

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
        head = f'<section class="told {way}" id="told-{number}" {data} hidden>'
        return f"{head}{self.teller.moment(one)}</section>"


def _coloured(line: str) -> str:
    """A line of code, its comment apart."""
    found = COMMENT.search(line)
    if not found:
        return escape(line)
    code, comment = line[: found.start()], line[found.start() :]
    return f"{escape(code)}<i>{escape(comment)}</i>"

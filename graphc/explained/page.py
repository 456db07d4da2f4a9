"""What is told of a model as one page that stands alone: formulas typeset, names linked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from graphc.dims import Shape
from graphc.explained.derivation import Derivation, Part, Place, Step
from graphc.explained.mathml import Typesetter, between, math, named, row
from graphc.explained.telling import Group, Lesson, lesson
from graphc.explained.text import made, sized

CODE = re.compile(r"`(.+?)`")
STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5d6878; --line: #d9dee6;
  --paper: #fff; --card: #f6f8fa; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa6b6; --line: #39424f;
  --paper: #14181f; --card: #1c222b; --link: #7db7f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 6rem; max-width: 54rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 Georgia, "Times New Roman", serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 3rem 0 .6rem; padding-top: 1rem;
  border-top: 1px solid var(--line); }
h2 small, .soft { color: var(--soft); font-weight: normal; font-size: .9rem; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
math { font-size: 1.15rem; line-height: 1; }
mtd { text-align: left; padding: .2em .15em; }
code { font: .86rem/1.4 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
td, th { text-align: left; padding: .28rem .6rem .28rem 0; vertical-align: baseline;
  border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: normal; }
.group { margin: .9rem 0; padding: .7rem 1rem; background: var(--card); border-radius: .5rem; }
.group > p { margin: 0 0 .4rem; }
.step { display: flex; gap: 1rem; justify-content: space-between; align-items: center;
  padding: .3rem 0; }
.step > div:first-child { overflow: auto hidden; padding: .35rem 0; }
.step > .soft { white-space: nowrap; }
@media (max-width: 40rem) { table :nth-child(4) { display: none; } }
:target { scroll-margin-top: 1rem; }
h2:target { border-top: 3px solid var(--link); }
"""


def page(derivation: Derivation, names: Sequence[str]) -> str:
    """The page of some names of a derivation, or of all of them if none is given."""
    return _Page(derivation, names or derivation.known()).text(whole=not names)


class _Page:
    """Prints a page; a name is a link where the page has a section of it."""

    def __init__(self, derivation: Derivation, names: Sequence[str]) -> None:
        self.derivation = derivation
        self.names = list(dict.fromkeys(names))
        steps, values = derivation.steps, derivation.values
        self.gradients = {one.name: one.of for one in steps.values() if one.kind == "gradient"}
        shapes = {one.name: one.shape for one in values.values()}
        shapes |= {one.name: one.shape for one in steps.values()}
        sizes = {dim for shape in shapes.values() for one in shape for dim in one.names}
        scalars = {name for name, shape in shapes.items() if not shape} | sizes
        self.set = Typesetter(self.gradients, scalars, self._target)

    def _target(self, name: str) -> str:
        """Where a name leads: to its section, a gradient to that of its value."""
        of = self.gradients.get(name, name)
        return f"#{of}" if of in self.names else ""

    def _name(self, name: str) -> str:
        """A name in running text."""
        target = self._target(name)
        shown = f"<code>{escape(name)}</code>"
        return f'<a href="{escape(target)}">{shown}</a>' if target else shown

    def text(self, *, whole: bool) -> str:
        """The page."""
        title = f"{self.derivation.source}: the derivation"
        parts = [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            '<p class="soft">dz is the derivative of the loss by z, in the shape of z. A product'
            " with ⊙ is taken element by element, one without a sign is a matrix product or one"
            " with a number; [a &gt; b] is 1 where that holds, else 0.</p>",
        ]
        if whole:
            parts += self._overview()
        for name in self.names:
            parts += self._section(lesson(self.derivation, name))
        return "\n".join([*parts, "</body></html>", ""])

    def _overview(self) -> Iterator[str]:
        yield "<table><tr><th>line<th>name<th>shape<th>what it is<th>from the loss to it</tr>"
        for one in self.derivation.values.values():
            chain = (
                self.derivation.chain(one.gradient) if one.kind == "param" and one.gradient else []
            )
            way = [self._name(step.name) for step in chain if step.kind == "gradient"]
            if len(way) > 6:
                way = [*way[:3], f"{len(way) - 4} more", way[-1]]
            line = one.place.line if one.place else ""
            yield (
                f"<tr><td>{line}<td>{self._name(one.name)}<td>{_size(one.shape)}"
                f"<td><code>{escape(made(one))}</code><td>{' → '.join(way)}</tr>"
            )
        yield "</table>"

    def _section(self, one: Lesson) -> Iterator[str]:
        value = one.value
        yield (
            f'<h2 id="{escape(one.name)}">{math(named(one.name))}'
            f" <small>{escape(one.kind)} {_size(value.shape)}</small></h2>"
        )
        if value.place is not None:
            yield f"<p>{_place(value.place)}</p>"
        yield f"<p>{'<br>'.join(map(self._linked, one.notes))}</p>"
        for number, group in enumerate(one.groups, 1):
            yield from self._group(group, number if len(one.groups) > 1 else 0)
        if one.words:
            words = (CODE.sub(r"<code>\1</code>", escape(words)) for words in one.words)
            yield f'<p class="soft">{"<br>".join(words)}</p>'

    def _linked(self, note: str) -> str:
        """A sentence in which the names are links."""
        known = {*self.names, *self.gradients}
        words = []
        for word in note.split(" "):
            bare = word.rstrip(",.:")
            words.append(self._name(bare) + word[len(bare) :] if bare in known else escape(word))
        return " ".join(words)

    def _group(self, group: Group, number: int) -> Iterator[str]:
        yield '<div class="group">'
        sign = f"{number}. " if number else ""
        if group.note:
            yield f"<p>{sign}{self._linked(group.note)}</p>"
        elif group.place is not None:
            yield f"<p>{sign}{_place(group.place)}</p>"
        for step in group.steps:
            yield self._step(step)
        yield "</div>"

    def _step(self, step: Step) -> str:
        """A formula and its shape; a sum of several readers has one below the other."""
        name = self.set.name(step.name)
        if len(step.parts) < 2:
            shown = math(row(name, between("="), self.set.set(step.formula)))
        else:
            rows = [self._part(part, "" if n else name) for n, part in enumerate(step.parts)]
            shown = math(f"<mtable>{''.join(rows)}</mtable>")
        size = f'<span class="soft">{_size(step.shape)}</span>'
        return f'<div class="step"><div>{shown}</div>{size}</div>'

    def _part(self, part: Part, name: str) -> str:
        """What one reader sends back, as a row of the table that their sum is."""
        line = f", line {part.place.line}" if part.place else ""
        formula = f'<mstyle displaystyle="true">{self.set.set(part.formula)}</mstyle>'
        by = f"<mtext>&#160;&#160;by {escape(part.reader)}{line}</mtext>"
        cells = (name, between("=" if name else "+"), formula, by)
        return f"<mtr>{''.join(f'<mtd>{cell}</mtd>' for cell in cells)}</mtr>"


def _size(shape: Shape) -> str:
    return escape(sized(shape))


def _place(place: Place) -> str:
    inner = f"<br><code>{escape(place.inner)}</code>" if place.inner else ""
    line = f'<span class="soft">line {place.line}</span>'
    return f"{line} <code>{escape(place.text)}</code>{inner}"

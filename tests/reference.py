"""The parts of the language reference that are made: from records, prelude, and error codes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePath

from graphc.book import book
from graphc.commands.error import Page
from graphc.commands.ops import catalogue
from graphc.describing import described
from graphc.errors import CODES
from graphc.explained.deriving import derived
from graphc.initial import FANS
from graphc.library import prelude
from graphc.pipeline import front
from graphc.printing import show
from graphc.source import Source
from graphc.stable import stabilise
from graphc.tree import Definition

PATH = Path(__file__).parent.parent / "grammars" / "README.md"
HEADING = re.compile(r"^(##+) (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def row(*cells: str) -> str:
    """A row of a table; a pipe in a cell would end it."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def contents() -> str:
    """The headings of the reference, but for those of single operations, as links."""
    found = HEADING.findall(FENCED.sub("", PATH.read_text(encoding="utf-8")))
    links = [(len(level) - 2, f"- [{name}](#{slug(name)})") for level, name in found]
    return "\n".join("  " * depth + link for depth, link in links if depth < 2)


def table(title: str) -> str:
    """Signatures, captions and examples of one part of what `graphc ops` lists."""
    lines = [f"| {title} | what it is | for example |", "| --- | --- | --- |"]
    for signature, what, example in catalogue()[title]:
        name = signature.split("(")[0]
        linked = title != "initialisers"
        shown = f"[`{signature}`](#{name})" if linked else f"`{signature}`"
        lines.append(row(shown, what, f"`{example}`"))
    return "\n".join(lines)


def initialisers() -> str:
    """Their table, and what fans are."""
    return f"{table('initialisers')}\n\n{FANS}"


def operations(*, hidden: bool) -> str:
    """All about every operation, each under a heading of its own."""
    found = [op for op in book().values() if op.hidden == hidden]
    return "\n\n".join(f"#### {op.name}\n\n```text\n{described(op)}\n```" for op in found)


def definitions(*titles: str) -> str:
    """The text of every definition in files of the prelude, each under its heading."""
    library = prelude()
    found = [*library.blocks.values(), *library.updates.values()]
    return "\n\n".join(
        f"#### {one.name.id}\n\n```text\n{one.span.text}{slope(one)}\n```"
        for one in found
        if PurePath(one.span.source.name).stem in titles
    )


def slope(loss: Definition) -> str:
    """The derivative of a loss by its first argument, as `graphc explain` derives it; else none."""
    if PurePath(loss.span.source.name).stem != "losses":
        return ""
    name, *others = (argument.id for argument, default in loss.arguments if default is None)
    labels = "labels" in others
    lines = ["input x : [batch]", f"param w = 1\n{name} = w * x"]
    if labels:
        lines = ["input x : [batch, 4]", f"param w : [4, 3] = 1\n{name} = x @ w"]
    lines += [f"target {one} : {'int' if labels else ''}[batch]" for one in others]
    lines += [f"loss {loss.name.id}({', '.join([name, *others])})"]
    model, _, _ = front(Source("\n".join(lines), "loss.nn"))
    steps = derived(stabilise(model)).chain(f"d{name}")
    told = [f"{step.name} = {show(step.formula)}" for step in steps]
    return f"\n\nderivative  {', '.join(told)}".replace(f"{loss.name.id}1.", "")


def codes(letter: str) -> str:
    """The codes of errors or of warnings, and what they mean."""
    lines = ["| code | what it is | what it means |", "| --- | --- | --- |"]
    for code, title in CODES.items():
        if code.startswith(letter):
            lines.append(row(f"`{code}`", title, " ".join(Page(code).parts[0].split())))
    return "\n".join(lines)


MADE: dict[str, Callable[[], str]] = {
    "contents": contents,
    "initialisers": initialisers,
    **{title: partial(table, title) for title in catalogue() if title != "initialisers"},
    "errors": partial(codes, "E"),
    "warnings": partial(codes, "W"),
    "every operation": partial(operations, hidden=False),
    "every internal operation": partial(operations, hidden=True),
    "every layer": partial(definitions, "layers", "attention"),
    "every loss": partial(definitions, "losses"),
    "every optimizer": partial(definitions, "optimizers", "schedules", "clipping"),
}


def made(text: str) -> str:
    """The reference with everything in it that is made put in anew."""
    for name, make in MADE.items():
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, rest = text.split(start)
        text = f"{before}{start}{make()}\n{end}{rest.split(end)[1]}"
    return text

"""`graphc error`: what a code of an error or warning means, with an example and its mend."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click

from graphc.drawing import draw
from graphc.errors import CODES, CompileError, Diagnostic, nearest

PAGES = Path(__file__).parent.parent / "pages"
BESIDE = PAGES / "beside"  # the files that examples import
PAGE = re.compile(r"(.+?)\n\n```nn\n(.+?)\n```\n\n(.+?)\n\n```nn\n(.+?)\n```\n", re.DOTALL)
IMPORT = re.compile(r'^import "(.+)"', re.MULTILINE)
MARKED = re.compile(r"( *\| *)([-^]+) (.*)")  # a line that underlines the one above
WIDTH = 80
MARGIN = "    "


@click.command()
@click.argument("code", required=False)
def error(code: str | None) -> None:
    """List the codes of errors and warnings, or explain the one called CODE."""
    if code is None:
        click.echo("\n".join(f"{one}  {title}" for one, title in CODES.items()))
    elif code.upper() in CODES:
        click.echo(Page(code.upper()).shown)
    else:
        near = nearest(code, CODES)
        hint = f"did you mean {near}?" if near else "`graphc error` lists all"
        click.echo(f"graphc: there is no error or warning `{code}`; {hint}", err=True)
        sys.exit(2)


@dataclass(frozen=True)
class Page:
    """The page of a code: what it means, a model that is wrong, how it is mended, a right one."""

    code: str

    @cached_property
    def parts(self) -> tuple[str, str, str, str]:
        """Meaning, wrong model, mend, right model, as the page's file has them."""
        found = PAGE.fullmatch((PAGES / f"{self.code}.md").read_text("utf-8"))
        assert found is not None, self.code
        meaning, wrong, mend, right = found.groups()
        return meaning, wrong, mend, right

    @property
    def shown(self) -> str:
        """The page as it is printed, with what the compiler tells of the wrong model."""
        meaning, wrong, mend, right = self.parts
        messages = (message for one in told(wrong) for message in ("", *_message(one)))
        lines = [f"{self.code}: {CODES[self.code]}", "", meaning, "", "For example:"]
        lines += [*_model(wrong), "", "graphc says:", *messages]
        lines += ["", mend, *_model(right, beside=_files(wrong))]
        return "\n".join(lines)


def told(model: str) -> tuple[Diagnostic, ...]:
    """The errors of the model of a page, or else its warnings."""
    from graphc.compiled import compile_opened
    from graphc.source import Source

    try:
        return compile_opened(Source(model, "model.nn", BESIDE / "model.nn")).warnings
    except CompileError as error:
        return error.diagnostics


def _message(one: Diagnostic) -> Iterator[str]:
    """A diagnostic in lines that are not too wide."""
    for line in draw(one, WIDTH - 10).split("\n"):
        if len(line) > WIDTH and (marked := MARKED.fullmatch(line)):
            gutter, marks, label = marked.groups()
            yield gutter + marks
            yield gutter[: WIDTH - len(label)] + label
        else:
            indent = " " * (10 if line.startswith("  = help:") else 4)
            yield from textwrap.wrap(line, WIDTH, subsequent_indent=indent) or [line]


def _model(model: str, beside: frozenset[str] = frozenset()) -> Iterator[str]:
    """The lines of a model, set in, and those of the files it imports but for those in `beside`."""
    yield ""
    yield from _set_in(model)
    for name in sorted(_files(model) - beside):
        text = (BESIDE / name).read_text("utf-8", errors="replace").rstrip("\n")
        yield from ("", f"{name}:", "", *_set_in(text))


def _set_in(text: str) -> Iterator[str]:
    """Lines behind a margin; what does not fit is left out."""
    for line in text.split("\n"):
        cut = len(MARGIN + line) > WIDTH
        yield f"{MARGIN}{line[: WIDTH - 7]}..." if cut else f"{MARGIN}{line}".rstrip()


def _files(text: str, found: frozenset[str] = frozenset()) -> frozenset[str]:
    """The names of the files that a text imports, and those that they import."""
    for name in IMPORT.findall(text):
        path = BESIDE / name
        if name not in found and path.parent == BESIDE and path.is_file():
            found = _files(path.read_text("utf-8", errors="replace"), found | {name})
    return found

"""Statements put where they belong: in the file, or in the block or update around them."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace

from lark import Token

from graphc import tree
from graphc.errors import Note, Report
from graphc.source import Source, Span

INSIDE = {
    "block": (tree.Param, tree.Const, tree.Dimension, tree.Assign, tree.Return),
    "update": (tree.State, tree.Next, tree.Assign),
}
ONLY = {tree.Return: "block", tree.State: "update", tree.Next: "update"}


@dataclass
class Nest:
    """The statements met so far, and the definition that is open, if one is."""

    report: Report
    statements: list[tree.Statement] = field(default_factory=list)
    definitions: list[tree.Definition] = field(default_factory=list)
    imports: list[tree.Import] = field(default_factory=list)
    open: tree.Definition | None = None
    brace: Span | None = None  # where it was opened
    sure: bool = True  # whether it was opened by a brace behind `block` or `update`
    body: list[tree.Statement] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # in the open one, as of a file
    lost: set[str] = field(default_factory=set)  # what was told outside of any
    inner: int = 0  # how many definitions are open in the open one, where none may be

    def take(self, one: tree.Statement) -> None:
        """The next statement of the text."""
        match one:
            case tree.Definition() if self._inside(one):
                self.inner += 1
            case tree.Definition():
                self._begin(one, one.span)
            case tree.End() if self.inner:
                self.inner -= 1
            case tree.End():
                self._end(one.span)
            case _ if self.brace is not None and self._beside(one):
                self._told_unclosed([Note(one.span, "this stands outside of it")])
                self._close()
                self.take(one)
            case _ if self.brace is not None:
                if not self.inner and self._fits(one):
                    self.body.append(one)
            case tree.Import():
                self.imports.append(one)
            case _ if type(one) in ONLY:
                message = f"`{_keyword(one)}` stands outside of {_a(ONLY[type(one)])}"
                self.report.add("E0207", one.span, message)
                self.lost |= {one.name.id} if isinstance(one, tree.State | tree.Next) else set()
            case _:
                self.statements.append(one)

    def skip(self, tokens: Sequence[Token], span: Span, names: Set[str]) -> None:
        """The next statement, which did not parse, and the names it seems to define."""
        self.broken |= names
        named, braced = tokens[0].type in {"BLOCK", "UPDATE"}, tokens[-1].type == "LBRACE"
        if named or (braced and self.brace is None):
            self._begin(None, span, named and braced)

    def drop(self, names: Set[str]) -> None:
        """Takes the last statement back, which defines `names`."""
        self.broken |= names
        into = self.body if self.brace is not None else self.statements
        if into:
            into.pop()

    def file(self, source: Source, broken: frozenset[str]) -> tree.File:
        """The file, when all has been taken."""
        if self.brace is not None:
            self._told_unclosed([])
        statements, definitions = tuple(self.statements), tuple(self.definitions)
        return tree.File(source, statements, broken | self.lost, definitions, tuple(self.imports))

    def _begin(self, one: tree.Definition | None, span: Span, sure: bool = True) -> None:
        brace = Span(span.source, span.end - 1, span.end)
        if self.brace is not None:
            self._told_unclosed([Note(span, "a new definition begins here")])
        self.open, self.brace, self.body, self.broken, self.sure = one, brace, [], set(), sure

    def _end(self, span: Span) -> None:
        if self.brace is None:
            self.report.add("E0104", span, "this `}` closes nothing")
        elif self.open is not None:
            self.open = replace(self.open, span=self.open.span.to(span))
        self._close()

    def _close(self) -> None:
        if self.open is not None:
            body, broken = tuple(self.body), frozenset(self.broken)
            self.definitions.append(replace(self.open, body=body, broken=broken))
        self.open, self.brace, self.body, self.inner = None, None, [], 0

    def _inside(self, one: tree.Definition) -> bool:
        """Whether a definition is set in as a part of the open one, which is told."""
        if self.open is None or _column(one.span) <= _column(self.open.span):
            return False
        notes = [Note(self.open.name.span, f"the {self.open.keyword} begins here")]
        message = f"`{one.keyword}` cannot stand in {_a(self.open.keyword)}"
        hint = "definitions stand beside one another, in any order"
        self.report.add("E0207", one.span, message, notes=notes, help=hint)
        self.broken.add(one.name.id)
        return True

    def _beside(self, one: tree.Statement) -> bool:
        """Whether a statement that belongs into a file is not set in: a `}` is missing."""
        assert self.brace is not None
        outer = tree.DataInput | tree.Output | tree.Loss | tree.Optimizer | tree.Train
        column = _column(self.open.span) if self.open else 1
        inner = tree.Return | tree.State | tree.Next
        out = isinstance(one, outer) or not (self.sure or isinstance(one, inner))
        return out and _column(one.span) <= column

    def _told_unclosed(self, notes: Sequence[Note]) -> None:
        assert self.brace is not None
        if self.sure:
            self.report.add("E0104", self.brace, "this `{` is never closed", notes=notes)

    def _fits(self, one: tree.Statement) -> bool:
        """Whether a statement may stand in the definition that is open; if not, it is told."""
        if self.open is None or isinstance(one, INSIDE[self.open.keyword]):
            return True
        keyword, what = self.open.keyword, _keyword(one)
        hint = "state and rules alone make an update" if keyword == "update" else ""
        if isinstance(one, tree.DataInput):
            hint = "what a block computes with is passed to it as an argument"
        elif keyword == "update" and isinstance(one, tree.Param):
            hint = "what an optimizer keeps is a `state`; its settings are arguments"
        message = f"`{what}` cannot stand in {_a(keyword)}"
        notes = [Note(self.open.name.span, f"the {keyword} begins here")]
        self.report.add("E0207", one.span, message, notes=notes, help=hint)
        self.broken |= {one.name.id} if isinstance(one, tree.Defining | tree.State) else set()
        return False


def _keyword(one: tree.Statement) -> str:
    return one.span.text.split(maxsplit=1)[0].split("(")[0]


def _column(span: Span) -> int:
    return span.source.place(span.start)[1]


def _a(keyword: str) -> str:
    return f"{'an' if keyword[0] in 'aeiou' else 'a'} {keyword}"

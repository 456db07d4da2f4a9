"""The text of a model in its one layout: the same statements and comments, in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from graphc.cutting import statements
from graphc.errors import CompileError, Report
from graphc.language import CLOSING, words
from graphc.layout import INDENT, WIDTH, Line, Word, flat, laid_out, spaced
from graphc.source import LINE_END, Source
from graphc.syntax import parse

COMMENTED = 60  # characters of the longest line whose comment stands in the column of all
# before what the columns begin where lines of a kind follow one another
COLUMNS = {
    "INPUT": ("NAME", "COLON"),
    "PARAM": ("NAME", "COLON", "EQUAL"),
    "NAME": ("EQUAL",),
    "DIM": ("NAME", "EQUAL"),
    "STATE": ("NAME", "EQUAL"),
}
LIKE = {"TARGET": "INPUT", "CONST": "PARAM", "PATH": "NAME"}
BLANK = Line("")


@dataclass
class Item:
    """A statement, or a line between statements: a comment, or nothing."""

    words: list[Word]
    lines: list[Line] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Which columns its line has; none if it has several lines."""
        if not self.words or len(self.lines) > 1:
            return ""
        first = self.words[0].type
        kind = LIKE.get(first, first)
        return kind if kind in COLUMNS else ""


def formatted(source: Source) -> str:
    """The text of a source in its one layout.

    A statement stands on one line if it fits in 100 characters and none of its pipes begins a line;
    signs are spaced as in Python, commas before a closing bracket left out. Lines of a kind that
    follow one another are in columns, and comments behind lines begin in one. Blank lines are kept,
    one of several; a definition has one on each side. Raises CompileError if it does not parse.
    """
    report = Report()
    parse(source, report)
    if report.found:
        raise CompileError(report.found)
    lines = []
    for (kind, _), run in groupby(_items(source), lambda one: (one.kind, _indent(one))):
        items = list(run)
        if kind:
            _in_columns(items, COLUMNS[kind])
        lines += [line for one in items for line in one.lines]
    return "".join(f"{one}\n" for one in _with_comments(_spaced_out(lines)))


def _indent(one: Item) -> int:
    return one.lines[0].indent


def _items(source: Source) -> Iterator[Item]:
    """The statements of a file, and what stands between them."""
    before, end, inside = list[Word](), 0, False
    for tokens, _ in statements(source, words(source.text), Report()):
        found = list[Word]()
        for token in tokens:
            rows = _rows(source.text[end : token.start_pos], found or before)
            word = Word(token, fresh=bool(rows))
            if found:
                word.above = [spaced(row) for row in rows[:-1] if row]
            else:
                yield from _statement(before, inside)
                inside = _opens(before) or (inside and not _closes(before))
                yield from (_between(row, inside) for row in rows[:-1])
            if found and found[-1].type == "COMMA" and word.type in CLOSING:
                _leave_out(found, word)
            found.append(word)
            end = token.end_pos or 0
        before = found
    rows = _rows(source.text[end:], before)
    yield from _statement(before, inside)
    yield from (_between(row, False) for row in rows)


def _leave_out(found: list[Word], after: Word) -> None:
    """Takes a comma away that closes no gap, and leaves the comments about it."""
    comma = found.pop()
    found[-1].behind = "  ".join(one for one in (found[-1].behind, comma.behind) if one)
    after.above = [*comma.above, *after.above]


def _rows(gap: str, before: Sequence[Word]) -> list[str]:
    """The lines below what stands before a gap, which gets the comment behind it."""
    behind, *rows = [row.strip() for row in LINE_END.split(gap)]
    if not before:
        return [behind, *rows]
    before[-1].behind = spaced(behind)
    return rows


def _statement(words: list[Word], inside: bool) -> Iterator[Item]:
    if words:
        lines = laid_out(words, int(inside and not _closes(words)))
        lines[0].begins = _opens(words)
        yield Item(words, lines)
        if _closes(words):
            yield Item([], [BLANK])


def _between(row: str, inside: bool) -> Item:
    return Item([], [Line("", spaced(row), int(inside)) if row else BLANK])


def _opens(words: Sequence[Word]) -> bool:
    return bool(words) and words[0].type in {"BLOCK", "UPDATE"}


def _closes(words: Sequence[Word]) -> bool:
    return bool(words) and words[0].type == "RBRACE"


def _in_columns(run: Sequence[Item], begin: Sequence[str]) -> None:
    """Puts lines that follow one another in columns, if they fit."""
    rows = [_cells(one.words, begin) for one in run]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    texts = []
    for row in rows:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width]
        texts.append(" ".join(padded).rstrip())
    if len(INDENT) * _indent(run[0]) + max(map(len, texts)) <= WIDTH:
        for one, text in zip(run, texts, strict=True):
            one.lines[-1].text = text


def _cells(words: Sequence[Word], begin: Sequence[str]) -> list[str]:
    """The words of a line cut into columns; one that it does not have is empty."""
    starts: list[int | None] = [0]
    last = 0
    for type_ in begin:
        found = (n for n in range(last + 1, len(words)) if words[n].type == type_)
        starts.append(next(found, None))
        last = starts[-1] or last
    cells, end = list[str](), len(words)
    for start in reversed(starts):
        cells.insert(0, "" if start is None else flat(words[start:end]))
        end = end if start is None else start
    return cells


def _spaced_out(lines: Sequence[Line]) -> list[Line]:
    """One blank line of several, none at either end or inside braces, one around a definition."""
    found = list[Line]()
    for line in lines:
        above = found[-1] if found else BLANK
        if line == BLANK and (above == BLANK or above.text.endswith("{")):
            continue
        if line.text == "}" and above == BLANK:
            found.pop()
        if line.begins:
            place = len(found)
            while place and not found[place - 1].text and found[place - 1] != BLANK:
                place -= 1
            if place and found[place - 1] != BLANK:
                found.insert(place, BLANK)
        found.append(line)
    while found and found[-1] == BLANK:
        found.pop()
    return found


def _with_comments(lines: Sequence[Line]) -> Iterator[str]:
    """The text of lines, with what stands behind them in one column."""
    texts = [INDENT * line.indent + line.text for line in lines]
    lengths = [len(text) for text, line in zip(texts, lines, strict=True) if line.comment]
    column = max((length for length in lengths if 0 < length <= COMMENTED), default=0)
    for text, line in zip(texts, lines, strict=True):
        if not line.comment:
            yield text.rstrip()
        elif not line.text:
            yield text + line.comment
        else:
            yield f"{text:<{column}}  {line.comment}"

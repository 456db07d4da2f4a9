"""One statement as lines of text: where spaces stand, and where a long line is broken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lark import Token

from graphc.language import CLOSING, OPENING

WIDTH = 100  # characters of a line, if it can be broken
INDENT = "    "
CALLED = {"NAME", "PATH", "PRIMED", "TRAIN"}  # a bracket behind them is theirs
OPERANDS = {"NAME", "PATH", "PRIMED", "NUMBER", "TRUE", "FALSE", "TRANSPOSED", *CLOSING}
LOOSE = ({"PIPE"}, {"PLUS", "MINUS"}, {"STAR", "SLASH", "AT"})  # the loosest first


@dataclass
class Word:
    """A token, the comment behind it on its line, and those on lines of their own before it.

    `fresh` is one that begins a line.
    """

    token: Token
    fresh: bool
    behind: str = ""
    above: list[str] = field(default_factory=list)

    @property
    def type(self) -> str:
        return self.token.type


Words = Sequence[Word]


@dataclass
class Line:
    """A line of text with the comment behind it; `comment` alone has no text."""

    text: str
    comment: str = ""
    indent: int = 0
    begins: bool = False  # a definition


def spaced(comment: str) -> str:
    """A comment with a space behind its sign, and none behind its end."""
    return re.sub(r"^(#+)(?=\w)", r"\1 ", comment).rstrip()


def flat(words: Words) -> str:
    """Words on one line."""
    text, before, sign = "", None, False
    for word in words:
        if before is not None and not sign and _apart(before, word):
            text += " "
        sign = word.type == "MINUS" and (before is None or before.type not in OPERANDS)
        text, before = text + word.token, word
    return text


def _apart(left: Word, right: Word) -> bool:
    """Whether a space stands between two words."""
    if left.type in OPENING or right.type in {*CLOSING, "COMMA"}:
        return False
    if right.type == "TRANSPOSED":
        return left.type == "NUMBER"  # it would go on with `.T`
    return right.type not in OPENING or left.type not in CALLED


def laid_out(words: Words, indent: int) -> list[Line]:
    """The lines of a statement, or of a part of it that stands in brackets of its own.

    It is one line if that is short enough, no comment stands in its brackets, and no pipe begins a
    line. What was written on one line between such pipes stays on one.
    """
    groups = [(start, end) for start, end in _groups(words) if end - start > 1]
    opened = [one for one in groups if _commented(words[one[0] : one[1] + 1])]
    piped = _at(words, LOOSE[0], fresh=True)
    if len(INDENT) * indent + len(flat(words)) > WIDTH:
        piped = piped if len(piped) > 1 else _at(words, LOOSE[0])
        longest = max(groups, key=lambda one: len(flat(words[one[0] : one[1] + 1])), default=None)
        opened = opened or ([longest] if longest else [])
    if len(piped) > 1:
        return [*laid_out(piped[0], indent), *_each(piped[1:], indent + 1)]
    lines, done = list[Line](), 0
    for start, end in opened:
        lines += _line(words[done : start + 1], indent)
        for item in _at(words[start + 1 : end], {"COMMA"}):
            lines += _broken(item, indent + 1)
        done = end
    return [*lines, *_line(words[done:], indent)]


def _commented(group: Words) -> bool:
    """Whether a comment stands in brackets."""
    return any(word.behind for word in group[:-1]) or any(word.above for word in group[1:])


def _broken(words: Words, indent: int) -> list[Line]:
    """A part in brackets: if it is too long, or a comment stands there, operators begin lines."""
    lines = laid_out(words, indent)
    for operators in LOOSE:
        parts = _at(words, operators)
        ends = any(part[-1].behind for part in parts[:-1]) or any(p[0].above for p in parts[1:])
        if len(parts) > 1 and (len(lines) > 1 or ends):
            return [*_broken(parts[0], indent), *_each(parts[1:], indent)]
    return lines


def _each(parts: Sequence[Words], indent: int) -> Iterator[Line]:
    for part in parts:
        yield from laid_out(part, indent)


def _line(words: Words, indent: int) -> list[Line]:
    """Words on one line, what stands behind them in one comment; above it the other comments."""
    above = [Line("", one, indent) for word in words for one in word.above]
    behind = "  ".join(word.behind for word in words if word.behind)
    return [*above, Line(flat(words), behind, indent)]


def _groups(words: Words) -> Iterator[tuple[int, int]]:
    """Where brackets open and close that stand in no others."""
    depth = start = 0
    for place, word in enumerate(words):
        if word.type in OPENING:
            start = place if not depth else start
            depth += 1
        elif word.type in CLOSING:
            depth -= 1
            if not depth:
                yield start, place


def _at(words: Words, types: set[str], *, fresh: bool = False) -> list[Words]:
    """Words cut before operators that stand in no brackets, or behind commas.

    If it is asked for, only before those that begin a line.
    """
    cuts, depth = [0], 0
    for place, word in enumerate(words):
        depth += (word.type in OPENING) - (word.type in CLOSING)
        if word.type in types and not depth and place:
            if word.type == "COMMA":
                cuts.append(place + 1)
            elif words[place - 1].type in OPERANDS and (word.fresh or not fresh):
                cuts.append(place)
    return [
        words[start:end]
        for start, end in zip(cuts, [*cuts[1:], len(words)], strict=True)
        if start < end
    ]

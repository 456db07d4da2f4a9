"""Where things stand in a source text: files, spans, lines and columns."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

LARGEST = 2**24  # bytes of a text
LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, eq=False)
class Source:
    """One text, with the name under which errors and comments speak of it, and its file if any."""

    text: str = field(repr=False)
    name: str = "<text>"
    path: Path | None = None
    _long: dict[int, str] = field(default_factory=dict, repr=False)

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line begins."""
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, both counted from 1."""
        line = bisect.bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1) without its line end."""
        if number in self._long:
            return self._long[number]
        start = self.starts[number - 1]
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        line = self.text[start:end].rstrip("\r\n")
        if len(line) > 1_000:  # each mistake in it asks for the whole line again
            self._long[number] = line
        return line


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open range `start:end` of a source's text.

    In a copy of a block's text, `via` is the call that the copy was made for; `turn` counts the
    calls that one place stands for in a `repeat`.
    """

    source: Source = field(repr=False)
    start: int
    end: int
    via: Span | None = None
    turn: int = field(default=0, compare=False)

    @property
    def calls(self) -> list[Span]:
        """The calls that led here, the one in the model file first."""
        found: list[Span] = []
        call = self.via
        while call is not None:
            found.insert(0, call)
            call = call.via
        return found

    @property
    def line(self) -> int:
        """The line, from 1, on which it begins."""
        return self.source.place(self.start)[0]

    @property
    def text(self) -> str:
        """What stands there."""
        return self.source.text[self.start : self.end]

    @property
    def after(self) -> Span:
        """The empty range behind it."""
        return Span(self.source, self.end, self.end, self.via)

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of `other`."""
        return Span(self.source, self.start, max(self.end, other.end), self.via)

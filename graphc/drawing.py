"""How a mistake is drawn: the source with the places underlined that have a part in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from graphc.source import Span

if TYPE_CHECKING:
    from graphc.errors import Diagnostic

WIDTH = 96
MARGIN = 60
LONGEST = 600  # characters of what is said of a place: names and shapes in it may be very long


def draw(one: Diagnostic, width: int = WIDTH) -> str:
    """The diagnostic as lines for a terminal: message, place, source underlined, help.

    Of a line of the source `width` characters are shown, and of a path the end, on two lines at
    most: an editor that opens it needs the whole of a usual one.
    """
    marks = [(one.span, "^", one.label), *((note.span, "-", note.text) for note in one.notes)]
    marks = [(span, symbol, _bounded(label)) for span, symbol, label in marks]
    sources = dict.fromkeys(mark[0].source for mark in marks)
    gutter = " " * len(str(max(mark[0].line for mark in marks)))
    lines = [f"{one.severity}[{one.code}]: {_bounded(one.message)}"]
    for source in sources:
        own = [mark for mark in marks if mark[0].source is source]
        line, column = source.place(own[0][0].start)
        arrow = "-->" if source is one.span.source else ":::"
        path = printable(source.name)
        path = path if len(path) <= 2 * width else f"...{path[3 - 2 * width :]}"
        lines += [f"{gutter}{arrow} {path}:{line}:{column}", f"{gutter} |"]
        lines += _shown(own, gutter, width)
    if one.help:
        lines.append(f"  = help: {_bounded(one.help)}")
    return "\n".join(lines)


def _bounded(words: str) -> str:
    """What is said, without the middle if it is long: the end often says what helps."""
    half = LONGEST // 2 - 3
    return words if len(words) <= LONGEST else f"{words[:half]} ... {words[-half:]}"


Mark = tuple[Span, str, str]


def _shown(marks: list[Mark], gutter: str, width: int) -> Iterator[str]:
    """The lines of one source, with what is marked in them underlined."""
    previous = 0
    for number, shift, shown in _excerpts(marks, width):
        if previous and number > previous + 1:
            yield f"{gutter} ..."
        previous = number
        text = _clipped(shown[0][0].source.line(number), shift, width)
        yield f"{number:>{len(gutter)}} | {text}".rstrip()
        for place, symbol, label in shown:
            under = _underline(text, place, shift, symbol)
            yield f"{gutter} | {under} {label}".rstrip()


def _excerpts(marks: list[Mark], width: int) -> list[tuple[int, int, list[Mark]]]:
    """Line, first column shown and marks of each excerpt; a long line is shown in several."""
    found: list[tuple[int, int, list[Mark]]] = []
    for mark in sorted(marks, key=lambda mark: mark[0].start):
        line, column = mark[0].source.place(mark[0].start)
        long = len(mark[0].source.line(line)) > width
        if not found or found[-1][0] != line or (long and column - found[-1][1] > width - 8):
            found.append((line, max(0, column - MARGIN) if long else 0, []))
        found[-1][2].append(mark)
    for excerpt in found:
        excerpt[2].sort(key=lambda mark: mark[1] == "-")
    return found


def _clipped(line: str, shift: int, width: int) -> str:
    """What is shown of a line: `width` characters from `shift` on, dots where more is left out."""
    shown = printable(line[shift : shift + width])
    shown = f"...{shown[3:]}" if shift else shown
    return f"{shown[:-3]}..." if shift + width < len(line) else shown


def _underline(shown: str, place: Span, shift: int, symbol: str) -> str:
    start = place.source.place(place.start)[1] - 1 - shift
    end = max(start + 1, min(start + place.end - place.start, len(shown)))
    return " " * _columns(shown[:start]) + symbol * max(1, _columns(shown[start:end]))


def _columns(text: str) -> int:
    """How wide a terminal prints a text: East Asian letters take two columns."""
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def printable(text: str) -> str:
    """A text that cannot move the cursor or turn its direction."""
    return "".join(
        char if char.isprintable() else " " if char == "\t" else "\ufffd" for char in text
    )

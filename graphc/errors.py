"""Every mistake a user can make: its code, where it stands, what helps, and how it is drawn."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from graphc.source import Span

CODES = {
    "E0101": "a character that the language does not have",
    "E0102": "a malformed number",
    "E0103": "a statement that does not parse",
    "E0104": "a bracket that is never closed, or closes nothing",
    "E0105": "a keyword used as a name",
    "E0106": "an unknown language version",
    "E0107": "a number out of range",
    "E0108": "a text that is not UTF-8",
    "E0109": "an expression nested too deeply",
    "E0201": "an unknown name",
    "E0202": "an unknown operation",
    "E0203": "a name defined twice",
    "E0204": "a statement that may stand only once",
    "E0205": "a cycle",
    "E0206": "a name of the wrong kind",
    "E0207": "a statement in the wrong place",
    "E0301": "shapes that do not fit",
    "E0302": "a dimension that nothing determines",
    "E0303": "an axis out of range",
    "E0304": "a dimension that is no positive integer",
    "E0305": "a parameter with a run-time dimension",
    "E0306": "a value whose shape differs from its type",
    "E0307": "integer data where numbers are needed, or the reverse",
    "E0308": "an array too large",
    "E0401": "a wrong number of arguments",
    "E0402": "an unknown argument",
    "E0403": "an argument given twice",
    "E0404": "an argument of the wrong kind",
    "E0405": "an argument out of range",
    "E0501": "an unknown initialiser",
    "E0502": "an initialiser that cannot be used here",
    "E0503": "a nested list that is not rectangular",
    "E0504": "a parameter without a shape",
    "E0601": "no loss",
    "E0602": "a loss that is not a scalar",
    "E0603": "nothing to train",
    "E0604": "an output that cannot be returned",
    "E0605": "an input that only the loss may use",
    "E0701": "an unknown optimizer",
    "E0702": "an unknown setting",
    "E0703": "an unknown dtype",
    "W0801": "a parameter that no path joins to the loss",
    "W0802": "an input that nothing uses",
    "W0803": "a node that nothing uses",
    "W0804": "a sigmoid in front of a loss that takes logits",
    "W0805": "a zero start that leaves a layer symmetric",
    "W0806": "a target that the loss does not use",
    "W0807": "a batch axis that training cannot slice",
}


@dataclass(frozen=True)
class Note:
    """A second place that had a part in the mistake."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """One error or warning, in the user's words."""

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    notes: tuple[Note, ...] = ()
    help: str = ""

    @property
    def severity(self) -> str:
        return "error" if self.code.startswith("E") else "warning"

    def __str__(self) -> str:
        return draw(self)


class CompileError(Exception):
    """A model that cannot be compiled; `diagnostics` holds every error and warning found."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n\n".join(draw(one) for one in self.diagnostics))


@dataclass
class Report:
    """What the stages have found so far; a code and place is told once."""

    found: list[Diagnostic] = field(default_factory=list)
    _told: set[tuple[str, Span | None, str]] = field(default_factory=set)

    def add(
        self,
        code: str,
        span: Span | None,
        message: str,
        *,
        label: str = "",
        notes: Iterable[Note] = (),
        help: str = "",
    ) -> None:
        """Takes down one error or warning."""
        key = (code, span, message)
        if key not in self._told:
            self._told.add(key)
            self.found.append(Diagnostic(code, message, span, label, tuple(notes), help))

    @property
    def failed(self) -> bool:
        return any(one.severity == "error" for one in self.found)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Errors first, then warnings, each in the order of the text."""

        def place(one: Diagnostic) -> tuple[bool, bool, int]:
            return one.severity == "warning", one.span is None, one.span.start if one.span else 0

        return tuple(sorted(self.found, key=place))

    def stop_if_failed(self) -> None:
        """Raises CompileError if any error was found."""
        if self.failed:
            raise CompileError(self.diagnostics)


def nearest(name: str, candidates: Iterable[str], what: str = "did you mean `{}`?") -> str:
    """A suggestion for a misspelt name, or the empty string."""
    near = difflib.get_close_matches(name[:60], sorted(set(candidates)), n=1, cutoff=0.6)
    return what.format(near[0]) if near else ""


WIDTH = 96


def draw(one: Diagnostic) -> str:
    """The diagnostic as lines for a terminal: message, place, source underlined, help."""
    lines = [f"{one.severity}[{one.code}]: {one.message}"]
    if one.span is not None:
        lines += _excerpt(one.span, one)
    if one.help:
        lines.append(f"  = help: {one.help}")
    return "\n".join(lines)


def _excerpt(span: Span, one: Diagnostic) -> list[str]:
    marks = [(span, "^", one.label), *((note.span, "-", note.text) for note in one.notes)]
    own = [mark for mark in marks if mark[0].source is span.source]
    gutter = len(str(max(mark[0].line for mark in own)))
    line, column = span.source.place(span.start)
    lines = [f"{' ' * gutter}--> {span.source.name}:{line}:{column}", f"{' ' * gutter} |"]
    previous = 0
    for number in sorted({mark[0].line for mark in own}):
        if previous and number > previous + 1:
            lines.append(f"{' ' * gutter} ...")
        previous = number
        text = span.source.line(number)
        on_line = [mark for mark in own if mark[0].line == number]
        shift = max(0, min(mark[0].start for mark in on_line) - span.source.starts[number - 1] - 60)
        shift = shift if len(text) > WIDTH else 0
        lines.append(f"{number:>{gutter}} | {_printable(text[shift : shift + WIDTH])}".rstrip())
        for place, symbol, label in on_line:
            lines.append(f"{' ' * gutter} | {_underline(place, shift, symbol, label)}".rstrip())
    for note in one.notes:
        if note.span.source is not span.source:
            row, col = note.span.source.place(note.span.start)
            lines.append(f"  = {note.span.source.name}:{row}:{col}: {note.text}")
    return lines


def _underline(place: Span, shift: int, symbol: str, label: str) -> str:
    line, column = place.source.place(place.start)
    start = column - 1 - shift
    room = max(1, min(WIDTH, len(place.source.line(line)) - shift) - start)
    return " " * start + symbol * max(1, min(place.end - place.start, room)) + f" {label}"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " if char == "\t" else "\ufffd" for char in text)

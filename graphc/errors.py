"""Every mistake a user can make: its code, where it stands, and what helps."""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace

from graphc.drawing import draw
from graphc.source import Span
from graphc.synonyms import kindred, translated

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
    "E0110": "a name too long",
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
    "E0305": "a parameter or constant with a run-time dimension",
    "E0306": "a value whose shape differs from its type",
    "E0307": "integer data where numbers are needed, or the reverse",
    "E0308": "an array too large",
    "E0401": "a wrong number of arguments",
    "E0402": "an unknown argument",
    "E0403": "an argument given twice",
    "E0404": "an argument of the wrong kind",
    "E0405": "a value out of range",
    "E0501": "an unknown initialiser",
    "E0502": "an initialiser that cannot be used here",
    "E0503": "a nested list that is not rectangular",
    "E0504": "a parameter without a shape",
    "E0505": "a constant that is not written out",
    "E0601": "no loss",
    "E0602": "a loss that is not a scalar",
    "E0603": "nothing to train",
    "E0604": "an output that cannot be returned",
    "E0605": "an input that only the loss may use",
    "E0606": "running statistics without a place of their own",
    "E0701": "an unknown optimizer",
    "E0703": "an unknown dtype",
    "E0901": "an import that cannot be read",
    "E0902": "an import from outside the folder",
    "E0903": "files that import one another",
    "E0904": "a block that uses itself",
    "E0905": "a definition without a result",
    "E0906": "a model that becomes too large",
    "E0907": "a state that is never updated",
    "W0801": "a parameter that no path joins to the loss",
    "W0802": "an input that nothing uses",
    "W0803": "a name that nothing uses",
    "W0804": "a sigmoid or softmax in front of a loss that takes logits",
    "W0805": "a start that leaves a layer symmetric",
    "W0806": "a target that the loss does not use",
    "W0807": "data without a batch axis",
    "W0808": "rows compared with all other rows",
    "W0809": "a prediction and a target that are swapped",
    "W0810": "a prediction that its loss cannot use",
    "W0811": "a softmax of a single class",
    "W0812": "two layers that are only one",
}

MOST = 1_000  # errors that are told of one model
LOOKED_AT = 200_000  # names among which those nearest to others are looked for, in all
CUT = f"that is all that is told: there are more than {MOST:,} errors"


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
    span: Span
    label: str = ""
    notes: tuple[Note, ...] = ()
    help: str = ""

    @property
    def severity(self) -> str:
        """`error` or `warning`."""
        return "error" if self.code.startswith("E") else "warning"

    def __str__(self) -> str:
        return draw(self)


class CompileError(Exception):
    """A model that cannot be compiled; `diagnostics` holds every error in it, or is `cut` short."""

    def __init__(self, diagnostics: Iterable[Diagnostic], *, cut: bool = False) -> None:
        self.diagnostics, self.cut = tuple(diagnostics), cut
        super().__init__("\n\n".join([*map(str, self.diagnostics), *([CUT] if cut else [])]))


@dataclass
class Report:
    """What the stages have found so far; a code and place is told once."""

    found: list[Diagnostic] = field(default_factory=list)
    _told: set[tuple[str, Span, str]] = field(default_factory=set)
    _searches: int = 0
    _looked_at: int = 0
    _errors: int = 0

    def add(
        self,
        code: str,
        span: Span,
        message: str,
        *,
        label: str = "",
        notes: Iterable[Note] = (),
        help: str = "",
    ) -> None:
        """Takes down one error or warning.

        What is wrong in a use of a block is told at the call, and beside it the line in the block.
        Raises CompileError when there are so many that nobody would read on.
        """
        if span.calls:
            place, (call, *further) = span, span.calls
            steps = [Note(_bare(one), "called here") for one in further[:3]]
            notes = [*steps, Note(_bare(place), label or "in this line of the block"), *notes]
            span, label = call, ""
        notes = tuple(Note(_bare(note.span), note.text) for note in notes)
        key = (code, span, message)
        if key not in self._told:
            self._told.add(key)
            one = Diagnostic(code, message, span, label, notes, help)
            self._errors += one.severity == "error"
            if self._errors > MOST:
                raise CompileError(self.diagnostics, cut=True)
            self.found.append(one)

    def nearest(self, name: str, candidates: Iterable[str]) -> str:
        """`did you mean ...?` for a misspelt name, or the empty string.

        Only the first fifty names are looked up, and fewer where a search is slow among many.
        """
        if self._searches >= 50 or self._looked_at >= LOOKED_AT:
            return ""
        known = [*candidates]
        self._searches += 1
        self._looked_at += len(known)
        near = nearest(name, known)
        return akin(name, known) or (f"did you mean `{near}`?" if near else "")

    @property
    def failed(self) -> bool:
        """Whether there was any error."""
        return any(one.severity == "error" for one in self.found)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """In the order of the texts: the errors, or if there are none, the warnings."""
        found = [one for one in self.found if one.severity == "error"] or self.found
        return tuple(sorted(found, key=lambda one: (one.span.source.name, one.span.start)))

    def stop_if_failed(self) -> None:
        """Raises CompileError if any error was found."""
        if self.failed:
            raise CompileError(self.diagnostics)


def _bare(span: Span) -> Span:
    """A place in the text, whatever call it was expanded for."""
    return replace(span, via=None)


def akin(name: str, candidates: Container[str]) -> str:
    """What there is instead of an operation that is not there, or the empty string."""
    one = kindred(name)
    return (
        f"`{one}` is what there is; others can be written as a `block`" if one in candidates else ""
    )


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `name` means elsewhere, or is most likely a misspelling of.

    Upper and lower case are one.
    """
    known = {one.lower(): one for one in sorted(candidates, reverse=True)}
    meant = translated(name)
    if meant in known and name.lower() not in known:
        return known[meant]
    near = difflib.get_close_matches(name[:60].lower(), known, n=1, cutoff=0.6)
    return known[near[0]] if near else None

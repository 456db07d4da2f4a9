"""What is told of a model as lines for a terminal, 80 columns wide at most."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphc.dims import Shape
from graphc.drawing import printable
from graphc.explained.derivation import Derivation, Place, Step, Value
from graphc.explained.telling import KINDS, Lesson, listed
from graphc.printing import show

WIDTH = 80
MARGIN = "    "
NAMES, SHAPES = 30, 24  # characters of the columns of the overview


@dataclass(frozen=True)
class Line:
    """A line, and what it is: title, model, formula, note or nothing of these."""

    text: str = ""
    kind: str = ""


def sized(shape: Shape) -> str:
    """A shape in numbers and run-time names: `[batch, 8]`."""
    return f"[{', '.join(dim.code for dim in shape)}]"


def spread(left: str, right: str) -> str:
    """Two texts at the two ends of a line, or of two where they do not fit."""
    gap = WIDTH - len(left) - len(right)
    return f"{left}{' ' * gap}{right}" if gap > 1 else f"{left}\n{right:>{WIDTH}}"


def _wrapped(words: str, kind: str, indent: str = "", hanging: str = "") -> Iterator[Line]:
    texts = textwrap.wrap(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=" " * len(indent) + hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield from (Line(one, kind) for one in texts)


def overview(derivation: Derivation) -> Iterator[Line]:
    """The values of a model in their order, and how long the chain to each parameter is."""
    values = derivation.values.values()
    title = f"{derivation.source}: what it computes, and how far its parameters are from its loss"
    yield from _wrapped(printable(title), "title")
    yield Line()
    number = max([len(str(one.place.line)) for one in values if one.place], default=1)
    longest = min(max([len(one.name) for one in values], default=0), NAMES)
    widest = min(max([len(sized(one.shape)) for one in values], default=0), SHAPES)
    for one in values:
        head = f"  {one.place.line if one.place else '':>{number}}  {one.name:<{longest}}  "
        if len(one.name) > longest:
            yield Line(head.rstrip())
            head = " " * (number + longest + 6)
        left = f"{head}{sized(one.shape):<{widest}}  "
        right = _clipped(made(one), WIDTH - len(left))
        yield Line(f"{left}{right}".rstrip())
    yield Line()
    if not derivation.parameters:
        yield Line("No trained parameter reaches the loss.", "note")
    else:
        yield from _wrapped("The chain of factors from the loss to each parameter:", "note")
        yield Line()
    longest = min(max([len(one.name) for one in derivation.parameters], default=0), NAMES)
    for one in derivation.parameters:
        way = [step.name for step in derivation.chain(one.gradient) if step.kind == "gradient"]
        count = f"{len(way)} step{'' if len(way) == 1 else 's'}"
        head = f"  {one.name:<{longest}}  {count:>8}  "
        told = listed(way, 6).replace(" and ", ", ")
        yield from _hung(head, told)


def _clipped(words: str, space: int) -> str:
    """As much of a text as fits; nothing where that says little."""
    if len(words) <= space:
        return words
    return f"{words[: space - 3]}..." if space > 12 else ""


def _hung(head: str, words: str) -> Iterator[Line]:
    """Words behind a head, and under one another; below it where it is too long."""
    if len(head) + max(map(len, words.split()), default=0) > WIDTH:
        yield Line(head.rstrip())
        head = MARGIN * 2
    space = " " * len(head)
    texts = textwrap.wrap(words, WIDTH - len(head), break_on_hyphens=False, break_long_words=False)
    for place, one in enumerate(texts):
        yield Line((head if not place else space) + one)


def made(value: Value) -> str:
    """How a value is made, in a few words: its kind, or its expression, or both."""
    kind = KINDS[value.kind].split(" ", 1)[1]
    if value.kind not in {"node", "loss", "const"} or value.place is None:
        return kind
    text = value.place.inner or value.place.text
    if value.kind == "const":
        return f"{kind} = {text.partition(' = ')[2]}"
    return f"= {text.removeprefix(f'{value.name} = ').removeprefix('loss ')}"


def told(derivation: Derivation, one: Lesson) -> Iterator[Line]:
    """What is told of one name."""
    place = one.value.place
    where = f"{derivation.source}:{place.line}" if place else derivation.source
    head = spread(f"{one.name} : {sized(one.value.shape)}, {one.kind}", printable(where))
    yield from (Line(line, "title") for line in head.split("\n"))
    yield Line()
    if place is not None:
        yield from _statement(place, MARGIN)
        yield Line()
    for note in one.notes:
        yield from _wrapped(note, "")
    shown: Place | None = None
    for number, group in enumerate(one.groups, 1):
        if one.notes or number > 1:
            yield Line()
        sign = f"{number}. " if len(one.groups) > 1 else ""
        if group.note:
            yield from _wrapped(group.note, "note", sign)
        elif group.place is not None and (sign or group.place != place):
            again = shown is not None and shown.text == group.place.text
            yield from _headed(group.place, sign, again)
            shown = group.place
        for step in group.steps:
            yield from stepped(step, " " * len(sign) + MARGIN)
    if one.words:
        yield Line()
    for words in one.words:
        yield from _wrapped(words, "note", "", "  ")


def _statement(place: Place, indent: str) -> Iterator[Line]:
    """A line of the model, and what became of it if it was a block."""
    yield from _wrapped(place.text, "model", indent, "  ")
    if place.inner:
        yield from _wrapped(f"that is, {place.inner}", "model", indent, "  ")


def _headed(place: Place, sign: str, again: bool) -> Iterator[Line]:
    """The line above the steps that it gives; a block is told once for all that follows."""
    head, space = f"{sign}line {place.line}: ", " " * len(sign)
    if again and place.inner:
        yield from _wrapped(head + place.inner, "model", "", space + "  ")
    else:
        yield from _wrapped(head + place.text, "model", "", space + "  ")
        if place.inner:
            yield from _wrapped(f"that is, {place.inner}", "model", space, "  ")


def stepped(step: Step, indent: str) -> Iterator[Line]:
    """A step: name and formula, its shape at the end of the first line."""
    head, size = f"{indent}{step.name} = ", sized(step.shape)
    if len(step.parts) > 1:
        deep = len(head) - 2
        for place, part in enumerate(step.parts):
            begin = head if not place else f"{' ' * deep}+ "
            by = f"by {part.reader}" + (f", line {part.place.line}" if part.place else "")
            yield from _formula(begin, show(part.formula), by)
        yield Line(f"{size:>{WIDTH}}", "formula")
        return
    yield from _formula(head, show(step.formula), size)


def _formula(head: str, formula: str, right: str) -> Iterator[Line]:
    """A formula behind its name, broken where it is least deep, with a text at the right."""
    if len(head) > WIDTH // 2:
        yield Line(head.rstrip(), "formula")
        head = MARGIN * 3
    first = WIDTH - len(head) - len(right) - 2
    if len(formula) > first and len(right) > 30:
        first = WIDTH - len(head)
    lines = broken(formula, max(first, 20))
    together = len(head) + len(lines[0]) + len(right) + 2 <= WIDTH
    for place, line in enumerate(lines):
        begin = head if not place else " " * len(head)
        text = f"{begin}{line}"
        if not place and together:
            text = spread(text, right)
        yield Line(text, "formula")
    if not together:
        yield Line(f"{right:>{WIDTH}}", "formula")


def broken(formula: str, width: int) -> Sequence[str]:
    """A formula in lines: each ends before an operator or behind a comma that is not deep."""
    lines: list[str] = []
    rest = formula
    while len(rest) > width:
        depth, best, at = 0, (99, 0), -1
        for place, letter in enumerate(rest[: width + 1]):
            depth += (letter in "([") - (letter in ")]")
            if letter == " " and place > 4 and _breaks(rest, place):
                found = depth + 2 * (place < width // 3), -place
                if found <= best:
                    best, at = found, place
        if at < 0:
            at = rest.find(" ", 1)
            if at < 0:
                break
        lines.append(rest[:at])
        rest = rest[at + 1 :]
    return [*lines, rest]


def _breaks(text: str, place: int) -> bool:
    """Whether a line may end at a space: before an operator, or behind a comma."""
    return text[place - 1] == "," or text[place + 1 : place + 3].rstrip() in {
        *("+", "-", "*", "/", "@", "**")
    }

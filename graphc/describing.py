"""An operation -> all about it, for people."""

from __future__ import annotations

import textwrap

from graphc.dataflow import Leaf, Node
from graphc.dims import Shape, shape_of, show
from graphc.draft import Draft
from graphc.op import Attributes, Op, Sample, doubled, text, word

WIDTH = 80
INTERNAL = "internal    in formulas only: a model cannot call it"
SHOWN = 3  # examples of shapes, at most


def described(op: Op) -> str:
    """All about it, for people: signature, what it is, in NumPy or by others, derivative."""
    paragraphs = [textwrap.fill(" ".join(one.split()), WIDTH) for one in op.formula.split("\n\n")]
    lines = [_wrapped(line) for line in _facts(op)]
    return "\n\n".join([op.signature, *paragraphs, "\n".join(lines)])


def _wrapped(line: str) -> str:
    """A fact on as many lines as it needs, below one another behind its title."""
    margin = " " * len("stable form ")
    return textwrap.fill(
        line, WIDTH, subsequent_indent=margin, break_on_hyphens=False, break_long_words=False
    )


def _facts(op: Op) -> list[str]:
    """A line for each of its rules, for some shapes, and for the numbers that it takes."""
    first = op.samples[0]
    shapes = tuple(shape_of(*shape) for shape in first.shapes)
    given = {name: one.default for name, one in op.attributes.items()} | dict(first.attributes)
    given = {name: doubled(op.attributes[name].kind, one) for name, one in given.items()}
    lines = [f"written     {op.equation}"] if op.symbol else []
    lines += [INTERNAL if op.hidden else f"example     {op.example}"]
    for title, rule in (
        ("in NumPy", op.meaning),
        ("definition", op.definition),
        ("derivative", op.taught or op.adjoint),
        ("computed as", op.adjoint if op.taught else ""),
        ("evaluation", op.evaluation),
        ("tracks", op.tracks),
    ):
        if words := " ".join(text(rule, shapes, given).split()):
            if title == "in NumPy":
                words = f"{op.result} = {words}".replace("{", "").replace("}", "")
            lines.append(f"{title:<11} {words}")
    if op.constant or set(op.flat) == set(op.names):
        lines.append("derivative  none: no gradient goes through it")
    elif not op.adjoint:
        told = "that of its definition" if op.definition else "none: it stands in gradients only"
        lines.append(f"derivative  {told}")
    lines += [f"stable form {form}" for form in op.stable]
    shown = dict.fromkeys(_shapes(op, sample) for sample in op.samples)
    lines += [f"shapes      {line}" for line in [*shown][:SHOWN]]
    return [*lines, f"range       {bounds}"] if (bounds := _range(op)) else lines


def _shapes(op: Op, sample: Sample) -> str:
    """What becomes of a sample: `x [3, 4], axis = 0: y [4]`."""
    draft, op = Draft(), op.at(len(sample.shapes))
    shapes = tuple(shape_of(*shape) for shape in sample.shapes)
    operands = [draft.place(Node(-1, shape, leaf=Leaf("input"))) for shape in shapes]
    result = draft[draft.add(op, operands, sample.attributes)]
    words = [
        f"{name} {'int' if _whole(op, name, shapes, sample.attributes) else ''}{show(shape)}"
        for name, shape in zip(op.names, shapes, strict=True)
    ]
    words += [f"{name} = {word(value)}" for name, value in sample.attributes.items()]
    return f"{', '.join(words)}: {op.result} {show(result.shape)}"


def _whole(op: Op, name: str, shapes: tuple[Shape, ...], given: Attributes) -> bool:
    """Whether an operand is of whole numbers, below a limit."""
    return name in op.integers and op.integers[name](shapes, given) is not None


def _range(op: Op) -> str:
    """What operands and attributes may be, where not everything up to 1e30."""
    bounds = [(name, f"[{low:g}, {high:g}]") for name, (low, high) in op.finite.items()]
    bounds += [(name, one.interval) for name, one in op.attributes.items() if one.interval]
    return ", ".join(f"{name} in {interval}" for name, interval in bounds)

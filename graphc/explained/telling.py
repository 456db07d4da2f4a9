"""A derivation -> what is told of a name, in the order of a textbook; text and page print it."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

from graphc.book import book
from graphc.explained.derivation import Derivation, Place, Step, Value
from graphc.explained.naming import LOSS
from graphc.explaining import lettered
from graphc.op import Op, text
from graphc.tree import Call, Expr, Infix, fold

DEFINED = re.compile(r"(\w+) = ")
LARGEST = "largest_exponent"
KINDS = {
    "input": "an input",
    "target": "a target",
    "param": "a parameter",
    "frozen": "a frozen parameter",
    "const": "a constant",
    "node": "a value",
    "loss": "the loss",
}
PLAIN = {  # functions that everybody knows
    *("exp", "log", "sqrt", "sin", "cos", "tanh", "abs", "sum", "mean", "max", "min"),
    *("maximum", "minimum", "reshape", "transpose", "relu", "sigmoid", "softmax"),
}


@dataclass
class Group:
    """Steps that one line of the model gives, with that line above them."""

    place: Place | None
    note: str = ""
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True)
class Lesson:
    """What is told of one name."""

    name: str
    value: Value | Step
    kind: str
    notes: tuple[str, ...]
    groups: tuple[Group, ...]
    words: tuple[str, ...]  # what the functions in the formulas are


def lesson(derivation: Derivation, name: str) -> Lesson:
    """What is told of a name that the derivation knows."""
    value = derivation.values.get(name)
    if value is None:
        return _inside(derivation, derivation.steps[name])
    whole = value.kind == "param"
    steps = derivation.chain(value.gradient, whole=whole) if value.gradient else []
    notes = [_read(value)] if value.kind != "loss" or value.readers else []
    if value.form:
        notes.append(f"It is computed by the stable form {value.form}.")
    users = derivation.users.get(name)
    if users and not whole:
        notes.append(f"On the way back it is used by {listed([one.name for one in users])}.")
    if value.kind != "loss":
        notes.append(_flow(value, steps, derivation))
    return Lesson(
        name,
        value,
        KINDS[value.kind],
        tuple(notes),
        _groups(steps),
        _words(steps, derivation.values),
    )


def _inside(derivation: Derivation, step: Step) -> Lesson:
    """What is told of a value within a line."""
    slope = derivation.steps.get(f"d{step.name}")
    steps = derivation.chain(slope.name, whole=False) if slope is not None else [step]
    notes = (f"It stands inside of the line of {step.of}, where it has no name of its own.",)
    return Lesson(
        step.name, step, "a value", notes, _groups(steps), _words(steps, derivation.values)
    )


def _read(value: Value) -> str:
    readers = value.readers
    if not readers:
        return f"Nothing reads {value.name}."
    return f"{value.name} is read by {listed(readers)}."


def _flow(value: Value, steps: Sequence[Step], derivation: Derivation) -> str:
    """What the formulas below the notes are, or why there are none."""
    if not value.gradient:
        return f"{value.why[0].upper()}{value.why[1:]}."
    if value.kind != "param":
        return "What flows back to it:"
    through = [one.of for one in steps if one.kind == "gradient"][:-1]
    through = [one for one in through if derivation.steps.get(one) is None and one != value.name]
    way = f" by way of {listed(through)}" if through else ""
    return f"The derivative of the loss by {value.name}, from the loss back{way}:"


def listed(names: Iterable[str], most: int = 8) -> str:
    """Names as people list them; of many the first and the last."""
    found = [*names]
    if len(found) > most:
        found = [*found[: most - 2], f"{len(found) - most + 1} more", found[-1]]
    return " and ".join([", ".join(found[:-1]), found[-1]] if found[1:] else found)


def _groups(steps: Sequence[Step]) -> tuple[Group, ...]:
    """The steps by the lines that they come from; a sum of several readers stands alone."""
    found: list[Group] = []
    waiting: list[Step] = []
    for step in steps:
        waiting.append(step)
        if step.kind != "gradient" and step is not steps[-1]:
            continue
        fans = len(step.parts) > 1
        if not fans and found and found[-1].place == step.place and not found[-1].note:
            found[-1].steps += waiting
        else:
            note = ""
            if step.kind == "gradient" and not step.parts:
                which = "," if step.of == LOSS else f", {step.of},"
                note = f"Everything begins with the loss{which} whose derivative by itself is 1."
            if fans:
                readers = listed([one.reader for one in step.parts])
                note = f"{step.of} is read by {len(step.parts)}: {readers}. Their gradients add."
            found.append(Group(step.place, note, waiting))
        waiting = []
    return tuple(found)


def called(expr: Expr) -> frozenset[str]:
    """The functions that an expression calls, and `**` and `@` if they are in it."""

    def found(one: Expr, inner: Sequence[frozenset[str]]) -> frozenset[str]:
        own = {one.function.id} if isinstance(one, Call) else set()
        own |= {one.symbol} if isinstance(one, Infix) else set()
        return frozenset(own).union(*inner)

    return fold(expr, found)


def _words(steps: Sequence[Step], taken: Container[str]) -> tuple[str, ...]:
    """A line for each function that is not known to all, and for slopes that are told otherwise.

    Rules are told in letters that are not `taken`.
    """
    names = frozenset[str]().union(*(called(step.formula) for step in steps))
    names -= PLAIN | {"+", "-", "*", "/", "**", "@"}
    words = []
    for name in sorted(names):
        op = book()[name]
        operands = op.operands if op.variadic else ", ".join([*op.names, *op.attributes])
        caption = op.caption.partition(".  ")[0].partition(". ")[0].rstrip(".")
        words.append(f"{name}({operands}): {caption}")
    taught = frozenset[str]().union(*(step.taught for step in steps))
    rules = [_rule(book()[name], taken) for name in sorted(taught)]
    words += [
        f"The module computes the same slope without a loss of digits: {one}" for one in rules
    ]
    if any(LARGEST in one for one in rules):
        words.append(f"{LARGEST}: the last whole number whose exponential is no infinity")
    return tuple(words)


def _rule(op: Op, taken: Container[str]) -> str:
    """The derivative that the module computes, in letters that are free."""
    rule = " ".join(text(op.adjoint, (), {}).split()).replace("; ", ", ")
    own = [*op.names, op.result, *(name for name in DEFINED.findall(rule) if name[0] != "d")]
    return lettered(f"{op.equation}: {rule}", own, taken)

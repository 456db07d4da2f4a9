"""How parameters start: the initialisers, numbers and nested lists, and the fans they read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphc import printing, tree
from graphc.book import book
from graphc.constants import value
from graphc.errors import Note, Report
from graphc.reading import brief
from graphc.rules import operation
from graphc.source import Span
from graphc.tree import Expr


@dataclass(frozen=True)
class Initialiser:
    """A named start: what it is, its arguments with defaults, and which of the fans it needs."""

    caption: str
    arguments: tuple[tuple[str, float | None], ...] = ()
    fans: bool = False
    matrix: bool = False

    def signature(self, name: str) -> str:
        """How it is called: `normal(std = 0.01)`, or `zeros` where nothing is to be said."""
        given = [one if value is None else f"{one} = {value}" for one, value in self.arguments]
        return f"{name}({', '.join(given)})" if given else name


INITIALISERS = {
    "zeros": Initialiser("Every element 0."),
    "ones": Initialiser("Every element 1."),
    "constant": Initialiser("Every element `c`.", (("c", None),)),
    "normal": Initialiser("Normal numbers of mean 0 and deviation `std`.", (("std", 0.01),)),
    "uniform": Initialiser(
        "Numbers between `low` and `high`, all equally likely.", (("low", -0.05), ("high", 0.05))
    ),
    "he_normal": Initialiser(
        "Normal numbers of variance 2 / fan_in: before a relu (He et al. 2015).", fans=True
    ),
    "he_uniform": Initialiser(
        "Numbers between -b and b for b = sqrt(6 / fan_in): the variance of `he_normal`.", fans=True
    ),
    "xavier_normal": Initialiser(
        "Normal numbers of variance 2 / (fan_in + fan_out): before a tanh or sigmoid"
        " (Glorot & Bengio 2010).",
        fans=True,
    ),
    "xavier_uniform": Initialiser(
        "Numbers between -b and b for b = sqrt(6 / (fan_in + fan_out)): the variance of"
        " `xavier_normal`.",
        fans=True,
    ),
    "lecun_normal": Initialiser(
        "Normal numbers of variance 1 / fan_in (LeCun et al. 1998).", fans=True
    ),
    "orthogonal": Initialiser(
        "A matrix whose rows or columns are orthogonal and of length 1 (Saxe et al. 2014).",
        matrix=True,
    ),
}
FANS = """\
fan_in is how many numbers the matrix product that uses the parameter sums over, fan_out how many
sums each number goes into: of `W` in `x @ W` the sizes of the first axis and of the second, in
`W @ x` the reverse; of filters [filters, channels, rows, columns] channels * rows * columns and
filters * rows * columns."""


STARTS = "a parameter starts as a number, a list of numbers, or with an initialiser: `he_normal`"
KNOWN = f"{', '.join(list(INITIALISERS)[:-1])} or {list(INITIALISERS)[-1]}"


@dataclass(frozen=True)
class Start:
    """How one parameter starts: an initialiser with its arguments, or the very values.

    The fans are those of the product that uses the parameter, where the initialiser reads them.
    """

    name: str
    arguments: tuple[float, ...] = ()
    values: Any = None
    shape: tuple[int, ...] | None = None
    fans: tuple[int, int] | None = None

    @property
    def alike(self) -> bool:
        """Whether every element starts with the same value."""
        return self.name in {"zeros", "ones", "constant"}

    @property
    def zero(self) -> bool:
        """Whether an element starts with 0 for certain."""
        todo = [self.values if self.name == "values" else self.arguments]
        while todo:
            one = todo.pop()
            if isinstance(one, tuple):
                todo.extend(one)
            elif one == 0:
                return True
        return self.name == "zeros"


def start(init: Expr, report: Report) -> Start | None:
    """What an initialiser expression means; None if nothing, which is reported."""
    match init:
        case tree.Number(value=value):
            return Start("constant", (value,), shape=())
        case tree.ListOf():
            found = nested(init, report)
            return None if found is None else Start("values", (), *found)
        case tree.Name(id=name):
            return _named(tree.Call(init.span, init, ()), name, report)
        case tree.Call(function=tree.Name(id=name), piped=False):
            return _named(init, name, report)
    message = f"`{brief(init)}` is no initialiser"
    report.add("E0501", init.span, message, help=STARTS)
    return None


def _named(call: tree.Call, name: str, report: Report) -> Start | None:
    from graphc.arguments import complete, matched

    if name not in INITIALISERS:
        hint = report.nearest(name, INITIALISERS) or f"there are {KNOWN}"
        report.add("E0501", call.function.span, f"there is no initialiser `{name}`", help=hint)
        return None
    defaults = dict(INITIALISERS[name].arguments)
    signature = INITIALISERS[name].signature(name)
    given, sound = matched(call, list(defaults), signature, report)
    needed = [one for one, value in defaults.items() if value is None]
    sound = sound and complete(call, given, needed, signature, report)
    values = defaults
    for argument, expr in given.items():
        if (number := tree.fold(expr, _number)) is not None:
            values[argument] = number
        else:
            message = f"`{argument}` of `{name}` must be a number, not `{brief(expr)}`"
            report.add("E0404", expr.span, message)
            sound = False
    if not sound:
        return None
    arguments = tuple(value for value in values.values() if value is not None)
    if name == "normal" and arguments[0] < 0:
        report.add("E0405", given["std"].span, "a standard deviation must not be negative")
        return None
    if name == "uniform" and arguments[0] > arguments[1]:
        low, high = map(printing.literal, arguments)
        report.add("E0405", call.span, f"`low = {low}` is above `high = {high}`")
        return None
    return Start(name, arguments)


def _number(node: Expr, inner: Sequence[float | None]) -> float | None:
    """The number that an expression of numbers gives; None if it is no such expression."""
    if isinstance(node, tree.Number):
        return node.value
    known = [number for number in inner if number is not None]
    op = None
    if isinstance(node, tree.Infix | tree.Affix):
        op = operation(node)[0]
    elif isinstance(node, tree.Call):
        op = book().offered(node.function.id)
    if op is None or len(known) < len(inner) or len(op.names) != len(inner):
        return None
    return value(op, known, {})


def nested(expr: tree.ListOf, report: Report) -> tuple[Any, tuple[int, ...]] | None:
    """The values and shape of a nested list of numbers; None if it is none, which is reported."""
    failed = False

    def complain(span: Span, message: str, *notes: Note, hint: str = "") -> None:
        nonlocal failed
        if not failed:
            report.add("E0503", span, message, notes=notes, help=hint)
        failed = True

    def step(
        node: Expr, inner: Sequence[tuple[Any, tuple[int, ...]]]
    ) -> tuple[Any, tuple[int, ...]]:
        if isinstance(node, tree.Number):
            return node.value, ()
        if not isinstance(node, tree.ListOf):
            hint = "a list holds numbers, or lists of numbers"
            complain(node.span, f"`{brief(node)}` is no number", hint=hint)
            return 0.0, ()
        first = inner[0][1] if inner else ()
        for item, (_, shape) in zip(node.items, inner, strict=True):
            if shape != first:
                message = f"this is {_kind(shape)}, and the first is {_kind(first)}"
                hint = "the rows of an array have one length"
                complain(item.span, message, Note(node.items[0].span, "the first"), hint=hint)
        if not inner:
            complain(node.span, "this list is empty")
        return tuple(value for value, _ in inner), (len(inner), *first)

    found = tree.fold(expr, step)
    return None if failed else found


def _kind(shape: tuple[int, ...]) -> str:
    """What the items of a list of this shape are."""
    match shape:
        case ():
            return "a number"
        case (1,):
            return "a list of 1 number"
        case (length,):
            return f"a list of {length} numbers"
    return f"a list of shape {list(shape)}"


def scale(name: str, fan_in: int, fan_out: int) -> float:
    """The standard deviation (`*_normal`) or the bound (`*_uniform`) for these fans.

    He: 2 / fan_in (He et al. 2015); Xavier: 2 / (fan_in + fan_out) (Glorot & Bengio 2010);
    LeCun: 1 / fan_in (LeCun et al. 1998). A uniform bound is the deviation times the root of 3.
    """
    family, kind = name.split("_")
    variance = {"he": 2 / fan_in, "xavier": 2 / (fan_in + fan_out), "lecun": 1 / fan_in}[family]
    return math.sqrt(variance * (3 if kind == "uniform" else 1))

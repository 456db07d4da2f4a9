"""How parameters start: the initialisers, numbers and nested lists, and the fans they read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphc import tree
from graphc.errors import Report, nearest
from graphc.tree import Expr


@dataclass(frozen=True)
class Initialiser:
    """A named start: its arguments with defaults, and which of the fans it needs."""

    arguments: tuple[tuple[str, float | None], ...] = ()
    fans: bool = False
    matrix: bool = False


INITIALISERS = {
    "zeros": Initialiser(),
    "ones": Initialiser(),
    "constant": Initialiser((("c", None),)),
    "normal": Initialiser((("std", 0.01),)),
    "uniform": Initialiser((("low", -0.05), ("high", 0.05))),
    "he_normal": Initialiser(fans=True),
    "he_uniform": Initialiser(fans=True),
    "xavier_normal": Initialiser(fans=True),
    "xavier_uniform": Initialiser(fans=True),
    "lecun_normal": Initialiser(fans=True),
    "orthogonal": Initialiser(matrix=True),
}


@dataclass(frozen=True)
class Start:
    """How one parameter starts: an initialiser with its arguments, or the very values."""

    name: str
    arguments: tuple[float, ...] = ()
    values: Any = None
    shape: tuple[int, ...] | None = None

    @property
    def zero(self) -> bool:
        """Whether every element starts alike at 0."""
        return self.name == "zeros" or (self.name == "constant" and self.arguments == (0,))


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
    message = f"`{tree.show(init)[:60]}` is no initialiser"
    report.add("E0501", init.span, message, help="it is a name, a number or a nested list of numbers")
    return None


def _named(call: tree.Call, name: str, report: Report) -> Start | None:
    from graphc.arguments import matched

    if name not in INITIALISERS:
        message = f"there is no initialiser `{name}`"
        help = nearest(name, INITIALISERS) or f"there are {', '.join(INITIALISERS)}"
        report.add("E0501", call.function.span, message, help=help)
        return None
    wanted = INITIALISERS[name].arguments
    signature = f"{name}({', '.join(one for one, _ in wanted)})"
    given = matched(call, [one for one, _ in wanted], signature, report)
    if given is None:
        return None
    values = []
    for argument, default in wanted:
        expr = given.get(argument)
        if expr is None and default is None:
            report.add("E0401", call.span, f"`{name}` needs `{argument}`", help=f"`{signature}`")
            return None
        if expr is not None and not isinstance(expr, tree.Number):
            report.add("E0404", expr.span, f"`{argument}` of `{name}` is a number")
            return None
        values.append(expr.value if isinstance(expr, tree.Number) else default or 0.0)
    if name == "normal" and values[0] < 0:
        report.add("E0405", call.span, "a standard deviation is not negative")
        return None
    if name == "uniform" and values[0] > values[1]:
        report.add("E0405", call.span, f"`low` = {values[0]} is above `high` = {values[1]}")
        return None
    return Start(name, tuple(values))


def nested(expr: tree.ListOf, report: Report) -> tuple[Any, tuple[int, ...]] | None:
    """The values and shape of a nested list of numbers; None if it is none, which is reported."""
    failed = False

    def step(node: Expr, inner: Sequence[tuple[Any, tuple[int, ...]]]) -> tuple[Any, tuple[int, ...]]:
        nonlocal failed
        if isinstance(node, tree.Number):
            return node.value, ()
        if not isinstance(node, tree.ListOf):
            if not failed:
                message = f"`{tree.show(node)[:40]}` in a list of numbers"
                report.add("E0503", node.span, message, help="lists hold numbers, or lists of them")
            failed = True
            return 0.0, ()
        shapes = {shape for _, shape in inner}
        if len(shapes) != 1 and not failed:
            what = "is empty" if not shapes else "has rows of different lengths"
            report.add("E0503", node.span, f"this list {what}")
            failed = True
        shape = (len(inner), *(inner[0][1] if inner else ()))
        return tuple(value for value, _ in inner), shape

    found = tree.fold(expr, step)
    return None if failed else found


def scale(name: str, fan_in: int, fan_out: int) -> float:
    """The standard deviation (`*_normal`) or the bound (`*_uniform`) for these fans.

    He: 2 / fan_in (He et al. 2015); Xavier: 2 / (fan_in + fan_out) (Glorot & Bengio 2010);
    LeCun: 1 / fan_in (LeCun et al. 1998). A uniform bound is the deviation times the root of 3.
    """
    family, kind = name.split("_")
    variance = {"he": 2 / fan_in, "xavier": 2 / (fan_in + fan_out), "lecun": 1 / fan_in}[family]
    return math.sqrt(variance * (3 if kind == "uniform" else 1))

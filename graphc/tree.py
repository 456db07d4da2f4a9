"""The tree of a model file: frozen records with spans, from the parser, printed by `show`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from graphc.source import Source, Span


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Number:
    span: Span
    value: int | float


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Flag:
    span: Span
    value: bool


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Name:
    span: Span
    id: str


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class ListOf:
    """A list in brackets: `[1, 2]`."""

    span: Span
    items: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Infix:
    span: Span
    symbol: str
    left: Expr
    right: Expr


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Affix:
    """A symbol on one operand: `-a` before it, `a.T` behind it."""

    span: Span
    symbol: str
    operand: Expr


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Argument:
    name: Name | None
    value: Expr


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Call:
    """`f(a, axis = 1)`; where `piped`, the first argument stood before a `|>`."""

    span: Span
    function: Name
    arguments: tuple[Argument, ...]
    piped: bool = False


Expr = Number | Flag | Name | ListOf | Infix | Affix | Call


@dataclass(frozen=True, eq=False)
class Type:
    span: Span
    integer: bool
    dims: tuple[Expr, ...]


@dataclass(frozen=True, eq=False)
class Statement:
    """What every statement has: the place from its first word to its last."""

    span: Span


@dataclass(frozen=True, eq=False)
class Setting(Statement):
    """`nn 1`, `model NAME` or `dtype NAME`: one word about the whole file."""

    keyword: str
    value: Number | Name


@dataclass(frozen=True, eq=False)
class Dimension(Statement):
    name: Name
    value: Expr


@dataclass(frozen=True, eq=False)
class DataInput(Statement):
    kind: str
    name: Name
    type: Type


@dataclass(frozen=True, eq=False)
class Param(Statement):
    name: Name
    type: Type | None
    init: Expr
    frozen: bool


@dataclass(frozen=True, eq=False)
class Const(Statement):
    name: Name
    type: Type | None
    value: Expr


@dataclass(frozen=True, eq=False)
class Assign(Statement):
    name: Name
    value: Expr


@dataclass(frozen=True, eq=False)
class Output(Statement):
    names: tuple[Name, ...]


@dataclass(frozen=True, eq=False)
class Loss(Statement):
    value: Expr


@dataclass(frozen=True, eq=False)
class Optimizer(Statement):
    rule: Call


@dataclass(frozen=True, eq=False)
class Train(Statement):
    arguments: tuple[Argument, ...]


Defining = Dimension | DataInput | Param | Const | Assign


@dataclass(frozen=True, eq=False)
class File:
    """A parsed file; `broken` holds the names and keywords of statements that did not parse."""

    source: Source
    statements: tuple[Statement, ...]
    broken: frozenset[str] = frozenset()


T = TypeVar("T")


def parts(expr: Expr) -> Sequence[Expr]:
    """The expressions directly inside `expr`, in the order of the text."""
    match expr:
        case Infix():
            return (expr.left, expr.right)
        case Affix():
            return (expr.operand,)
        case Call():
            return tuple(argument.value for argument in expr.arguments)
        case ListOf():
            return expr.items
    return ()


def fold(
    expr: Expr,
    step: Callable[[Expr, Sequence[T]], T],
    parts: Callable[[Expr], Sequence[Expr]] = parts,
) -> T:
    """`step(node, results of its parts)` from the leaves up; a stack, so that depth is no limit."""
    results: list[T] = []
    todo: list[tuple[Expr, int | None]] = [(expr, None)]
    while todo:
        node, width = todo.pop()
        if width is None:
            inner = parts(node)
            todo.append((node, len(inner)))
            todo.extend((part, None) for part in reversed(inner))
        else:
            cut = len(results) - width
            results[cut:] = [step(node, results[cut:])]
    return results[0]


LEVEL = {"|>": 0, "+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "-a": 3, "**": 4, "atom": 6}


def show(expr: Expr) -> str:
    """The expression as text again, with the fewest parentheses."""
    return fold(expr, _print)[0]


def _print(expr: Expr, inner: Sequence[tuple[str, int]]) -> tuple[str, int]:
    match expr:
        case Number():
            return literal(expr.value), LEVEL["atom"] if expr.value >= 0 else LEVEL["-a"]
        case Flag():
            return str(expr.value).lower(), LEVEL["atom"]
        case Name():
            return expr.id, LEVEL["atom"]
        case ListOf():
            return f"[{', '.join(text for text, _ in inner)}]", LEVEL["atom"]
        case Affix(symbol="-"):
            return f"-{_wrap(inner[0], LEVEL['-a'])}", LEVEL["-a"]
        case Affix():
            return f"{_wrap(inner[0], LEVEL['atom'])}{expr.symbol}", LEVEL["atom"]
        case Infix():
            level = LEVEL[expr.symbol]
            left, right = (level + 1, LEVEL["-a"]) if expr.symbol == "**" else (level, level + 1)
            return f"{_wrap(inner[0], left)} {expr.symbol} {_wrap(inner[1], right)}", level
        case Call():
            given = [
                f"{argument.name.id} = {text}" if argument.name else text
                for argument, (text, _) in zip(expr.arguments, inner, strict=True)
            ]
            if expr.piped:
                rest = f"({', '.join(given[1:])})" if given[1:] else ""
                return f"{_wrap(inner[0], LEVEL['|>'])} |> {expr.function.id}{rest}", LEVEL["|>"]
            return f"{expr.function.id}({', '.join(given)})", LEVEL["atom"]


def _wrap(inner: tuple[str, int], level: int) -> str:
    text, own = inner
    return text if own >= level else f"({text})"


def literal(value: int | float) -> str:
    """A number as the language writes it, shortest first, the same value when read again."""
    text = repr(value)
    return text[:-2] if text.endswith(".0") else text

"""The tree of a model file: frozen records with spans, from the parser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
    """What every statement has: the place from its first word to its last.

    One that was made by expanding a call knows the statement of the model file that it is part of.
    """

    span: Span
    of: Statement | None = field(default=None, kw_only=True)


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
class Return(Statement):
    value: Expr


@dataclass(frozen=True, eq=False)
class State(Statement):
    """`state v = 0` of an update: what an optimizer keeps for every parameter."""

    name: Name
    value: Expr


@dataclass(frozen=True, eq=False)
class Next(Statement):
    """`v' = ...` of an update: the value after the step; `name` is without the prime."""

    name: Name
    value: Expr


@dataclass(frozen=True, eq=False)
class Import(Statement):
    path: Name


@dataclass(frozen=True, eq=False)
class Definition(Statement):
    """A `block` or an `update`: its name, its arguments with their defaults, its statements."""

    keyword: str
    name: Name
    arguments: tuple[tuple[Name, Expr | None], ...]
    body: tuple[Statement, ...] = ()
    broken: frozenset[str] = frozenset()  # as of a file


@dataclass(frozen=True, eq=False)
class End(Statement):
    """The `}` that ends a definition."""


@dataclass(frozen=True, eq=False)
class File:
    """A parsed file; `broken` holds the names and keywords of statements that did not parse."""

    source: Source
    statements: tuple[Statement, ...]
    broken: frozenset[str] = frozenset()
    definitions: tuple[Definition, ...] = ()  # its own
    imports: tuple[Import, ...] = ()
    blocks: tuple[str, ...] = ()  # once expanded: the names of those that can be used
    updates: Mapping[str, Definition] = field(default_factory=dict)  # that can be used, by name
    texts: tuple[str, ...] = ()  # of the files that were imported


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
            if inner:
                todo.append((node, len(inner)))
                todo.extend([(part, None) for part in reversed(inner)])
            else:
                results.append(step(node, []))
        else:
            cut = len(results) - width
            results[cut:] = [step(node, results[cut:])]
    return results[0]

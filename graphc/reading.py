"""What stands in a tree: the expressions of a statement, the names they read, how they are told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from graphc import printing, tree
from graphc.source import Span
from graphc.tree import Expr

LONGEST = 40
NUMERAL = re.compile(r"[0-9.]+([eE][+-]?[0-9]+)?")  # as it was written: `1e3`, not `1000`


def walk(expr: Expr) -> Iterator[Expr]:
    """`expr` and every expression in it, in the order of the text, each before its parts."""
    todo = [expr]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(reversed(tree.parts(node)))


def names(expr: Expr) -> dict[str, tree.Name]:
    """The names that an expression reads, each where it stands first."""
    found: dict[str, tree.Name] = {}
    for node in walk(expr):
        if isinstance(node, tree.Name):
            found.setdefault(node.id, node)
    return found


def expressions(statement: tree.Statement | None) -> Sequence[Expr]:
    """The expressions of a statement that stand for numbers and arrays."""
    match statement:
        case tree.Assign() | tree.Const() | tree.Loss() | tree.Return() | tree.Next():
            return (statement.value,)
        case tree.Dimension() | tree.State():
            return (statement.value,)
        case tree.Param():
            return (statement.init,)
        case tree.Optimizer():
            return (statement.rule,)
    return ()


def sizes(statement: tree.Statement) -> Sequence[Expr]:
    """The sizes in the type of a statement."""
    if isinstance(statement, tree.DataInput | tree.Param | tree.Const) and statement.type:
        return statement.type.dims
    return ()


def found(statement: tree.Statement | None, span: Span | None) -> Expr | None:
    """The expression of a statement that has this very span."""
    for expr in expressions(statement):
        for node in walk(expr):
            if node.span is span:
                return node
    return None


def own_span(expr: Expr) -> Span:
    """Where an expression stands without what is piped into it."""
    if isinstance(expr, tree.Call) and expr.piped:
        return expr.function.span.to(expr.span)
    return expr.span


def brief(expr: Expr) -> str:
    """The expression on one line, its beginning or (a pipe) its end if it is long."""
    numeral = isinstance(expr, tree.Number) and NUMERAL.fullmatch(expr.span.text)
    text = expr.span.text if numeral else printing.show(expr)
    if len(text) <= LONGEST:
        return text
    if isinstance(expr, tree.Call) and expr.piped:
        last = printing.show(tree.Call(expr.span, expr.function, expr.arguments[1:]))
        last = last if len(expr.arguments) > 1 else expr.function.id
        if len(last) <= LONGEST:
            return f"... |> {last}"
    return f"{text[: LONGEST - 4].rstrip()} ..."

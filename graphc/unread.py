"""Warnings about names that nothing reads: in the file, and in each block of the user's."""

from __future__ import annotations

from collections.abc import Iterable

from graphc import tree
from graphc.errors import Report
from graphc.reading import expressions, sizes, walk
from graphc.tree import Call, Definition, Expr, File, Name, Statement


def told_unread(file: File, definitions: Iterable[Definition], report: Report) -> None:
    """Warns of values, constants and sizes that no statement beside them reads."""
    hint = "" if any(isinstance(one, tree.Output) for one in file.statements) else HINT
    _told(file.statements, [], hint, report)
    for one in definitions:
        _told(one.body, [value for _, value in one.arguments if value is not None], "", report)


HINT = "to have `predict` return it, write `output {}`"


def _told(
    statements: Iterable[Statement], further: Iterable[Expr], hint: str, report: Report
) -> None:
    statements = tuple(statements)
    read: set[str] = set()
    for expr in [*further, *(expr for one in statements for expr in _exprs(one))]:
        for node in walk(expr):
            if isinstance(node, Name | Call):
                name = node.id if isinstance(node, Name) else node.function.id
                read |= {name, name.partition(".")[0], name.removesuffix("'")}
    for one in statements:
        if isinstance(one, tree.Assign | tree.Const | tree.Dimension) and one.name.id not in read:
            told = hint.format(one.name.id) if isinstance(one, tree.Assign) else ""
            report.add("W0803", one.name.span, f"nothing uses `{one.name.id}`", help=told)


def _exprs(one: Statement) -> list[Expr]:
    named = one.names if isinstance(one, tree.Output) else ()
    return [*expressions(one), *sizes(one), *named]

"""The rules of an update as its arguments leave them: what is 0 or 1 is reckoned away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphc import tree
from graphc.tree import Expr


def settled(rules: Mapping[str, Expr], arguments: Mapping[str, Expr]) -> dict[str, Expr]:
    """Each rule in the fewest words, as comments tell it: `v' = momentum * v + gradient`.

    A rule that only gives a value another name is put in where that name is read below it.
    """
    known = {name: one for name, one in arguments.items() if _number(one) in {0, 1}}
    found: dict[str, Expr] = {}

    def step(node: Expr, parts: Sequence[Expr]) -> Expr:
        if isinstance(node, tree.Name):
            return known.get(node.id, node)
        return _reckoned(_with(node, parts))

    for name, rule in rules.items():
        found[name] = told = tree.fold(rule, step)
        if isinstance(told, tree.Name | tree.Number):
            known[name] = told
    return found


def _with(node: Expr, parts: Sequence[Expr]) -> Expr:
    """An expression with other parts."""
    match node, [*parts]:
        case tree.Infix(), [left, right]:
            return replace(node, left=left, right=right)
        case tree.Affix(), [operand]:
            return replace(node, operand=operand)
        case tree.Call(), values:
            given = zip(node.arguments, values, strict=True)
            return replace(node, arguments=tuple(replace(a, value=v) for a, v in given))
        case tree.ListOf(), items:
            return replace(node, items=tuple(items))
    return node


def _reckoned(node: Expr) -> Expr:
    """The operand that an operation with 0 or 1 leaves, or 0; else the operation."""
    match node:
        case tree.Infix(symbol="+" | "-", left=left, right=right) if _number(right) == 0:
            return left
        case tree.Infix(symbol="+", left=left, right=right) if _number(left) == 0:
            return right
        case tree.Infix(symbol="*" | "/" | "**", left=left, right=right) if _number(right) == 1:
            return left
        case tree.Infix(symbol="*", left=left, right=right) if _number(left) == 1:
            return right
        case tree.Infix(symbol="*" | "/", left=left) if _number(left) == 0:
            return left
        case tree.Infix(symbol="*", right=right) if _number(right) == 0:
            return right
        case tree.Infix(symbol="-", left=left, right=right) if _number(left) == _number(right) == 1:
            return tree.Number(node.span, 0)
    return node


def _number(expr: Expr) -> int | float | None:
    return expr.value if isinstance(expr, tree.Number) else None

"""Values of a graph as expressions of the language: what a derivation's formulas are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphc.dataflow import Graph, Node
from graphc.dims import Dim, Shape
from graphc.reading import found
from graphc.source import Source, Span
from graphc.tree import Affix, Argument, Call, Expr, Flag, Infix, ListOf, Name, Number

NOWHERE = Span(Source(""), 0, 0)


def name(text: str) -> Name:
    """A name that stands in no text."""
    return Name(NOWHERE, text)


def number(value: float | Dim) -> Expr:
    """A number, or a size as sums and products of the run-time names."""
    if not isinstance(value, Dim):
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            value = int(value)
        return Number(NOWHERE, value)
    if not value.terms:
        return Number(NOWHERE, 0)
    whole: Expr | None = None
    for names, factor in value.terms:
        size = abs(factor) if whole is not None else factor
        term: Expr | None = Number(NOWHERE, size) if size != 1 or not names else None
        for one in names:
            term = name(one) if term is None else infix("*", term, name(one))
        assert term is not None
        whole = term if whole is None else infix("-" if factor < 0 else "+", whole, term)
    assert whole is not None
    return whole


def infix(symbol: str, left: Expr, right: Expr) -> Infix:
    """An operation between two expressions."""
    return Infix(NOWHERE, symbol, left, right)


def total(parts: Sequence[Expr]) -> Expr:
    """The sum of expressions, of which there is one at least."""
    ranked = sorted(parts, key=lambda one: isinstance(one, Affix) and one.symbol == "-")
    whole = ranked[0]
    for part in ranked[1:]:
        if isinstance(part, Affix) and part.symbol == "-":
            whole = infix("-", whole, part.operand)
        else:
            whole = infix("+", whole, part)
    return whole


def seen_through(key: int, graph: Graph) -> int:
    """What a value is a mere copy of, in its own shape."""
    node = graph[key]
    while node.op is not None and (node.op.role == "spread" or node.op.name == "contiguous"):
        inner = graph[node.operands[0]]
        if inner.shape != node.shape:
            break
        node = inner
    return node.key


def applied(node: Node, operands: Sequence[Expr], shape: Shape) -> Expr:
    """The expression of an operation on expressions, the first of which has a shape."""
    op = node.op
    assert op is not None
    attributes = node.attributes
    if op.symbol == "-a":
        return Affix(NOWHERE, "-", operands[0])
    if op.symbol and len(operands) == 2:
        return infix(op.symbol, operands[0], operands[1])
    if op.symbol and not any(value is not None for value in attributes.values()):
        return Affix(NOWHERE, op.symbol, operands[0])
    given = [Argument(None, one) for one in operands]
    for title, value in attributes.items():
        default = op.attributes[title].default
        axes = op.attributes[title].kind == "axis"
        usual = axes and value == tuple(range(len(shape))) and not node.shape
        if axes and isinstance(default, int) and shape:
            usual = value in {default % len(shape), (default % len(shape),)}
        if op.attributes[title].required:
            given.append(Argument(None, constant(value)))
        elif value != default and not usual:
            given.append(Argument(name(title), constant(value)))
    return Call(NOWHERE, name(op.name), tuple(given))


def constant(value: Any) -> Expr:
    """A compile-time value as the language writes it; an axis alone without its brackets."""
    match value:
        case bool():
            return Flag(NOWHERE, value)
        case None:
            return name("none")
        case tuple() | list():
            return ListOf(NOWHERE, tuple(map(constant, value)))
    return number(value)


def spelt(key: int, graph: Graph, names: Mapping[int, str], own: str = "") -> Expr:
    """The expression of a value over those that have names, but for its own."""
    done: dict[int, Expr] = {}
    todo = [key]
    while todo:
        one = todo[-1]
        if one in done:
            todo.pop()
            continue
        real = seen_through(one, graph)
        node = graph[real]
        if names.get(real, own) != own:
            done[one] = name(names[real])
        elif node.number is not None:
            done[one] = number(node.number)
        elif node.op is None:
            done[one] = _leaf(node)
        elif missing := [operand for operand in node.operands if operand not in done]:
            todo += missing
            continue
        else:
            shape = graph[node.operands[0]].shape if node.operands else ()
            done[one] = applied(node, [done[operand] for operand in node.operands], shape)
        todo.pop()
    return done[key]


def _leaf(node: Node) -> Expr:
    """A leaf by its name, or an array that stands in the text as it stands there."""
    title = node.label or (node.leaf.name if node.leaf is not None else "")
    if title:
        return name(title)
    return found(node.origin.statement, node.origin.span) or name("constant")

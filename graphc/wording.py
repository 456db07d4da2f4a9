"""How messages speak of a value: its name or expression, and the span that is its own."""

from __future__ import annotations

from collections.abc import Collection

from graphc import tree
from graphc.dataflow import Node
from graphc.library import spoken
from graphc.op import AXES
from graphc.reading import LONGEST, brief, found, own_span
from graphc.source import Span


def name_of(node: Node) -> str:
    """What the user calls a value: its name, or its expression."""
    if node.label:
        return _call_of(node) or node.label
    if node.leaf is not None and node.leaf.name:
        return node.leaf.name
    expr = found(node.origin.statement, node.origin.span)
    return brief(expr) if expr is not None else str(node.number if node.leaf else node.kind)


def _call_of(node: Node) -> str:
    """The call that a value is the result of, if its name is not one that the user gave."""
    one, span = node.origin.statement, node.origin.span
    if node.leaf is not None or one is None or span is None or "." in (node.label or "."):
        return ""
    own = isinstance(one.of, tree.Assign) and one.of.name.id == node.label
    calls = [] if one.of is None or own else span.calls
    text = " ".join(calls[0].text.split()) if calls else ""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4].rstrip()} ..."


def place_of(node: Node) -> Span:
    """Where a value is computed, without what is piped into it, or where it is declared."""
    expr = found(node.origin.statement, node.origin.span)
    span = own_span(expr) if expr is not None else node.origin.span
    assert span is not None, "a value of a model file stands in it"
    return span


def axis_of(node: Node) -> Span:
    """Where the argument stands that names the axes of an operation."""
    attributes = node.op.attributes if node.op is not None else {}
    return argument_of(node, [name for name, one in attributes.items() if one.kind in AXES])


def argument_of(node: Node, wanted: Collection[str]) -> Span:
    """Where the first of some arguments of an operation stands; the operation if none does."""
    expr = found(node.origin.statement, node.origin.span)
    if isinstance(expr, tree.Call) and node.op is not None:
        names = [*node.op.names, *node.op.attributes]
        for place, argument in enumerate(expr.arguments):
            if (argument.name.id if argument.name else names[place]) in wanted:
                return argument.value.span
    return place_of(node)


def sign_of(node: Node) -> str:
    """What the user wrote for the operation of a node: `@` or `matmul`, or a block around it."""
    expr = found(node.origin.statement, node.origin.span)
    sign = node.op.name if node.op is not None else node.kind
    if isinstance(expr, tree.Infix | tree.Affix):
        sign = expr.symbol
    return spoken(node.origin.span, sign) if node.origin.span is not None else sign


def declared(node: Node) -> Span | None:
    """Where an input, target, parameter or constant is declared; None for any other value."""
    return node.origin.span if node.leaf is not None and node.label else None

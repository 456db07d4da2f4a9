"""Patterns made of text: whether a value has the form that a rule's left side shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from graphc.book import book
from graphc.dataflow import Node
from graphc.draft import completed
from graphc.op import Op
from graphc.rules import operation
from graphc.tree import Call, Expr, Flag, Name, Number


class Values(Protocol):
    """What knows the nodes: a graph, or a draft of one."""

    def __getitem__(self, key: int) -> Node: ...


class Match:
    """What the names of a pattern stand for, once a value has its form."""

    def __init__(
        self, values: Values, fits: Callable[[str, int], bool] = lambda name, key: True
    ) -> None:
        self.values = values
        self.fits = fits  # whether a name may stand for a value
        self.found: dict[str, int] = {}  # a name for an operand
        self.attributes: dict[str, Any] = {}  # a name for an attribute

    def of(self, pattern: Expr, node: Node) -> bool:
        """Whether a node has the form of a pattern.

        A name that stands twice stands for one value. What is left out of the attributes has its
        default.
        """
        if isinstance(pattern, Number):
            return node.number is not None and node.number == pattern.value
        if isinstance(pattern, Name):
            fits = self.fits(pattern.id, node.key)
            return fits and self.found.setdefault(pattern.id, node.key) == node.key
        op, operands, attributes = _form(pattern)
        if node.op is not op or (op.attributes and not self._given(op, attributes, node)):
            return False
        return all(
            self.of(one, self.values[key]) for one, key in zip(operands, node.operands, strict=True)
        )

    def _given(self, op: Op, attributes: Mapping[str, Expr], node: Node) -> bool:
        """Whether a node has the attributes that a pattern gives."""
        shapes = tuple(self.values[key].shape for key in node.operands)
        wanted = completed(op, {}, shapes)
        for name, one in attributes.items():
            if isinstance(one, Number | Flag):
                wanted[name] = one.value
            elif isinstance(one, Name):
                wanted[name] = self.attributes.setdefault(one.id, node.attributes[name])
        return all(node.attributes[name] == value for name, value in wanted.items())


def possible(pattern: Expr, makers: Sequence[Op | None]) -> bool:
    """Whether a value may have the form of a pattern, by the operations that make its operands."""
    for one, maker in zip(_form(pattern)[1], makers, strict=True):
        if not isinstance(one, Name):
            wanted = None if isinstance(one, Number) else _form(one)[0]
            if maker is not wanted:
                return False
    return True


@cache
def _form(pattern: Expr) -> tuple[Op, tuple[Expr, ...], dict[str, Expr]]:
    """The operation of a pattern, and what it gives for the operands and for attributes."""
    if isinstance(pattern, Call):
        op, inner = book()[pattern.function.id], tuple(one.value for one in pattern.arguments)
    else:
        op, inner = operation(pattern)
    cut = len(op.names)
    return op, inner[:cut], dict(zip(op.attributes, inner[cut:], strict=False))

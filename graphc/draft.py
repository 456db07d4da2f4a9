"""A graph while a stage writes it, node by node, each with the shape of what it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphc.dataflow import Graph, Leaf, Node, Origin
from graphc.dims import Dim, Shape, Solver
from graphc.op import Attributes, Op
from graphc.shaping import normalised


class Draft:
    """A graph while a stage writes it. Operands must exist already, so the order is topological."""

    def __init__(self, graph: Graph | None = None) -> None:
        self.nodes: dict[int, Node] = {node.key: node for node in graph.nodes} if graph else {}
        self.next = max(self.nodes, default=-1) + 1
        self.origin = Origin()

    def __getitem__(self, key: int) -> Node:
        return self.nodes[key]

    def place(self, node: Node) -> int:
        """Takes a node in under a new key, which it returns."""
        key, self.next = self.next, self.next + 1
        self.nodes[key] = Node._make((key, *node[1:]))
        return key

    def number(self, value: float | Dim) -> int:
        """A compile-time scalar."""
        if isinstance(value, Dim) and value.known is not None:
            value = value.known
        return self.place(Node(-1, (), leaf=Leaf("number", value=value), origin=self.origin))

    def add(self, op: Op, operands: Iterable[int], attributes: Attributes) -> int:
        """Applies an operation whose operands' shapes are known; raises Mismatch if they misfit."""
        return self.place(made(op, tuple(operands), attributes, self, self.origin))


def made(
    op: Op,
    operands: tuple[int, ...],
    attributes: Attributes,
    known: Mapping[int, Node] | Draft,
    origin: Origin,
) -> Node:
    """The node of an operation on operands of known shapes; raises Mismatch if they misfit."""
    shapes = tuple([known[operand].shape for operand in operands])
    complete = completed(op, attributes, shapes)
    if op.constant is not None:
        value = op.constant(shapes, complete)
        number = value if value.known is None else value.known
        return Node(-1, (), leaf=Leaf("number", value=number), origin=origin)
    solver = Solver()
    shape = solver.shape(op.shape(solver, shapes, complete))
    return Node(-1, shape, op, operands, with_shape(op, complete, shape), origin=origin)


def completed(op: Op, attributes: Attributes, shapes: tuple[Shape, ...]) -> dict[str, Any]:
    """The attributes with defaults put in and axes counted from the front."""
    if not op.attributes:
        return {}
    return {
        name: normalised(one.kind, attributes.get(name, one.default), shapes)
        for name, one in op.attributes.items()
    }


def with_shape(op: Op, attributes: Attributes, shape: Shape) -> dict[str, Any]:
    """The attributes with the solved shape where one was asked for."""
    return {
        name: shape if op.attributes[name].kind == "shape" else value
        for name, value in attributes.items()
    }

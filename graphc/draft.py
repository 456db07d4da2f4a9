"""A graph while a stage writes it, node by node, each with the shape of what it is made of."""

from __future__ import annotations

from collections.abc import Iterable
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
        """Takes a node in under the next key, which it returns."""
        key, self.next = self.next, self.next + 1
        self.nodes[key] = node if node.key == key else Node._make((key, *node[1:]))
        return key

    def number(self, value: float | Dim) -> int:
        """A compile-time scalar."""
        return self.place(self.scalar(value))

    def add(self, op: Op, operands: Iterable[int], attributes: Attributes) -> int:
        """Applies an operation whose operands' shapes are known; raises Mismatch if they misfit."""
        return self.place(self.made(op, tuple(operands), attributes))

    def scalar(self, value: float | Dim) -> Node:
        """The node of a compile-time scalar, which is not taken in yet."""
        if isinstance(value, Dim) and value.known is not None:
            value = value.known
        return Node(self.next, (), leaf=Leaf("number", value=value), origin=self.origin)

    def made(self, op: Op, operands: tuple[int, ...], attributes: Attributes) -> Node:
        """The node of an operation, which is not taken in yet; raises Mismatch as `add` does."""
        shapes = tuple([self.nodes[operand].shape for operand in operands])
        complete = completed(op, attributes, shapes)
        if op.constant is not None:
            return self.scalar(op.constant(shapes, complete))
        solver = Solver()
        shape = solver.shape(op.shape(solver, shapes, complete))
        complete = with_shape(op, complete, shape)
        return Node(self.next, shape, op, operands, complete, origin=self.origin)


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

"""The arrays that a statement needs beside its operands and its result, by placeholder."""

from __future__ import annotations

from collections.abc import Container

from graphc.dataflow import Graph, Node, inline, shapes_of
from graphc.dims import Dim
from graphc.op import Sized, Work


def beside(node: Node, graph: Graph, integers: Container[int]) -> dict[str, Work]:
    """What the operation asks for; an operand that stands here is read from an array.

    That is a number where NumPy is quicker with an array, and an operand that it would spread
    itself, which takes longer than to copy it into rows (see measured.py).
    """
    assert node.op is not None
    found = dict(node.op.needs(shapes_of(node, graph), node.attributes))
    if not node.op.spreads or not node.shape or node.key in integers:
        return found
    if any(key in integers for key in node.operands):
        return found
    small = []
    for name, key in zip(node.op.names, node.operands, strict=True):
        operand = graph[key]
        if name in node.op.laid and isinstance(operand.number, int | float):
            found[name] = Work(node.shape, fill=operand.number, laid=True)
        elif not operand.shape and _sized(operand, graph):
            found[name] = Work((), fill=Sized(key))
        elif operand.shape and operand.shape != node.shape:
            small.append(name)
    whole = any(graph[key].shape == node.shape for key in node.operands)
    if len(small) == 1 and whole:
        found[small[0]] = Work(node.shape)
    return found


def _sized(scalar: Node, graph: Graph) -> bool:
    """Whether a scalar is made of run-time sizes and numbers alone."""
    parts = [scalar, *(graph[key] for key in scalar.operands if inline(scalar, graph))]
    return any(isinstance(one.number, Dim) for one in parts)

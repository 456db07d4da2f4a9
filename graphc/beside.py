"""The arrays that a statement needs beside its operands and its result, by placeholder."""

from __future__ import annotations

from collections.abc import Container

from graphc.dataflow import Graph, Node, shapes_of
from graphc.op import Work


def beside(node: Node, graph: Graph, integers: Container[int]) -> dict[str, Work]:
    """What the operation asks for; an operand that stands here is read from an array.

    That is a number where it is quicker as an array of the result's shape, or an operand that
    NumPy would spread itself, which takes longer than to copy it into rows (see measured.py).
    """
    assert node.op is not None
    found = dict(node.op.needs(shapes_of(node, graph), node.attributes))
    if not node.shape or any(key in integers for key in (node.key, *node.operands)):
        return found
    small = []
    for name, key in zip(node.op.names, node.operands, strict=True):
        operand = graph[key]
        if name in node.op.laid.replace(",", " ").split() and isinstance(
            operand.number, int | float
        ):
            found[name] = Work(node.shape, fill=operand.number, laid=True)
        elif operand.shape and operand.shape != node.shape:
            small.append(name)
    whole = any(graph[key].shape == node.shape for key in node.operands)
    if len(small) == 1 and whole and node.op.spreads:
        found[small[0]] = Work(node.shape)
    return found

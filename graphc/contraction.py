"""Which matrix product a parameter is a weight of, and how many values it joins: its fans."""

from __future__ import annotations

from graphc.dataflow import Graph, Node


def contraction(graph: Graph, param: Node) -> tuple[Node, int, int] | None:
    """The first operation that contracts a parameter, with its fan-in and fan-out.

    Views and what else only moves elements are followed: in `x @ W.T` the parameter is `W`, its
    fan-in the second size of `W`. So are element-wise operations that keep the shape: in
    `x @ (W * mask)` it is `W` too.
    """
    todo, seen = [param.key], {param.key}
    for key in todo:
        for reader in (graph[one] for one in graph.readers(key)):
            if reader.op is None or reader.origin.backward:
                continue
            name = reader.op.names[reader.operands.index(key)]
            if name in reader.op.contracts:
                return reader, *_fans(graph[key], reader.op.contracts[name])
            if reader.op.moving or (reader.op.elementwise and reader.shape == graph[key].shape):
                todo += [reader.key] if reader.key not in seen else []
                seen.add(reader.key)
    return None


def _fans(node: Node, axes: tuple[int, int]) -> tuple[int, int]:
    """The sizes of the axis that is contracted and of the one that stays."""
    shape = node.shape
    if len(shape) == 1:  # a vector is contracted along its only axis, whichever side it stands on
        return shape[0].known or 1, 1
    fan_in, fan_out = (shape[axis].known or 1 for axis in axes)
    return fan_in, fan_out

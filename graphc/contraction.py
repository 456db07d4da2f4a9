"""Which product a parameter is a weight of, and how many values it joins: its fans."""

from __future__ import annotations

from dataclasses import replace

from graphc.dataflow import Graph, Node
from graphc.dims import Shape, size
from graphc.initial import INITIALISERS, Start
from graphc.op import Fans


def weighed(graph: Graph) -> Graph:
    """The graph with its fans in every start that reads them off the graph."""
    fans = contracted(graph)
    nodes = [_weighed(node, fans.get(node.key)) for node in graph.nodes]
    return Graph.of(nodes, graph.settings, outputs=graph.outputs, loss=graph.loss)


def _weighed(node: Node, nearest: tuple[int, tuple[int, int]] | None) -> Node:
    leaf = node.leaf
    if leaf is None or not isinstance(leaf.value, Start) or leaf.value.name not in INITIALISERS:
        return node
    if nearest is None or not INITIALISERS[leaf.value.name].fans:
        return node
    return node._replace(leaf=leaf._replace(value=replace(leaf.value, fans=nearest[1])))


def contracted(graph: Graph) -> dict[int, tuple[int, tuple[int, int]]]:
    """How far each value is from the first operation that contracts it, and its fans there.

    Views and what else only moves elements are followed: in `x @ W.T` the parameter is `W`, its
    fan-in the second size of `W`. So are element-wise operations that keep the shape: in
    `x @ (W * mask)` it is `W` too. Of two that are equally far, the first in the graph counts.
    """
    found: dict[int, tuple[int, tuple[int, int]]] = {}
    for reader in reversed(graph.nodes):
        op, beyond = reader.op, found.get(reader.key)
        if op is None:
            continue
        # where an operand stands twice, its first place counts
        for key, name in dict(zip(reader.operands[::-1], op.names[::-1], strict=True)).items():
            shape, way = graph[key].shape, None
            if name in op.contracts:
                way = 1, _fans(shape, op.contracts[name])
            elif beyond and (op.moving or (op.elementwise and reader.shape == shape)):
                way = beyond[0] + 1, beyond[1]
            if way and (key not in found or way[0] <= found[key][0]):
                found[key] = way
    return found


def _fans(shape: Shape, contracted: Fans) -> tuple[int, int]:
    """From how many values each result is summed, and to how many results each value goes."""
    if len(shape) == 1:  # a vector is contracted along its only axis, whichever side it stands on
        return shape[0].known or 1, 1
    fan_in, fan_out = (size([shape[axis] for axis in axes]).known or 1 for axes in contracted)
    return fan_in, fan_out

"""Which product a parameter is a weight of, and how many values it joins: its fans."""

from __future__ import annotations

from dataclasses import replace

from graphc.dataflow import Graph, Node
from graphc.dims import Shape, size
from graphc.initial import INITIALISERS, Start
from graphc.op import Fans


def weighed(graph: Graph) -> Graph:
    """The graph with its fans in every start that reads them off the graph."""
    nodes = [_weighed(graph, node) for node in graph.nodes]
    return Graph.of(nodes, graph.settings, outputs=graph.outputs, loss=graph.loss)


def _weighed(graph: Graph, node: Node) -> Node:
    leaf = node.leaf
    if leaf is None or not isinstance(leaf.value, Start) or leaf.value.name not in INITIALISERS:
        return node
    if not INITIALISERS[leaf.value.name].fans:
        return node
    return replace(node, leaf=replace(leaf, value=replace(leaf.value, fans=fans(graph, node))))


def fans(graph: Graph, param: Node) -> tuple[int, int] | None:
    """The fan-in and fan-out of a parameter in the first operation that contracts it.

    Views and what else only moves elements are followed: in `x @ W.T` the parameter is `W`, its
    fan-in the second size of `W`. So are element-wise operations that keep the shape: in
    `x @ (W * mask)` it is `W` too.
    """
    todo, seen = [param.key], {param.key}
    for key in todo:
        for reader in (graph[one] for one in graph.readers(key)):
            if reader.op is None:
                continue
            name = reader.op.names[reader.operands.index(key)]
            if name in reader.op.contracts:
                return _fans(graph[key].shape, reader.op.contracts[name])
            if reader.op.moving or (reader.op.elementwise and reader.shape == graph[key].shape):
                todo += [reader.key] if reader.key not in seen else []
                seen.add(reader.key)
    return None


def _fans(shape: Shape, contracted: Fans) -> tuple[int, int]:
    """From how many values each result is summed, and to how many results each value goes."""
    if len(shape) == 1:  # a vector is contracted along its only axis, whichever side it stands on
        return shape[0].known or 1, 1
    fan_in, fan_out = (size([shape[axis] for axis in axes]).known or 1 for axes in contracted)
    return fan_in, fan_out

"""What NumPy copies for a moment: a transpose that is reshaped or read as one row of numbers."""

from __future__ import annotations

from collections.abc import Iterable

from graphc.book import book
from graphc.dataflow import Graph, inline
from graphc.dims import Dim, size
from graphc.free import typical


def copied(graph: Graph, keys: Iterable[int]) -> Dim:
    """The most numbers that one of the statements has NumPy copy while it runs."""
    most = Dim.of(0)
    for key in keys:
        inner = [operand for operand in graph[key].operands if operand in graph.inlined]
        flat = graph[key].op is book().roles["inner"]
        copies = [one for operand in inner if (one := _copy(graph, operand, flat))]
        most = max(most, sum(copies, Dim.of(0)), key=typical) if copies else most
    return most


def _copy(graph: Graph, key: int, flat: bool) -> Dim | None:
    """The size of an operand that its reader spells as a reshaped or flat transpose; else None."""
    roles, reshaped = book().roles, size(graph[key].shape) if flat else None
    while (node := graph[key]).op is not None and node.op.view and inline(node, graph):
        if node.op is roles["reshape"]:
            reshaped = size(node.shape)
        if node.op is roles["permute"] and reshaped is not None:
            return reshaped
        (key,) = node.operands
    return None

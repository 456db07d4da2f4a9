"""Transposed views of parameters and arrays: made once, for to make one takes as long as a call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphc.book import book
from graphc.dataflow import Graph, Node, inline
from graphc.names import Names
from graphc.rooms import Slot


def turned(
    graph: Graph,
    keys: Iterable[int],
    called: Mapping[int, str],
    results: Mapping[int, Slot],
    names: Names,
) -> dict[int, str]:
    """What each transpose that a statement reads is called: that of `W`, `W_T`."""
    found, views = dict[int, str](), dict[str, str]()
    read = [one for key in keys if graph[key].shape for one in graph[key].operands]
    for key in filter(lambda one: transposes(graph[one], graph), read):
        (of,) = graph[key].operands
        leaf = graph[of].leaf
        if of in results or (leaf is not None and leaf.kind == "param"):
            base = called[of]
            if base not in views:
                views[base] = names.fresh(f"{base}_T")
            found[key] = views[base]
    return found


def transposes(node: Node, graph: Graph) -> bool:
    """Whether readers spell a value as the transpose of a matrix."""
    permutes = node.op is book().roles["permute"] and len(node.shape) == 2 and inline(node, graph)
    return permutes and node.attributes["axes"] in {None, (1, 0)}

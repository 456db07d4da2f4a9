"""Where gradients flow, and how they are computed."""

from __future__ import annotations

from collections import Counter

from graphc.dataflow import Graph
from graphc.gradient import differentiate
from graphc.stable import stabilise


def flow(graph: Graph) -> Counter[tuple[int, int]]:
    """How many gradients a reader sends back to a value: one for each time that it reads it."""
    if graph.loss is None:
        return Counter()
    needed = graph.learnt(sloped=True) & graph.before([graph.loss], sloped=True)
    return Counter(
        (key, node.key)
        for node in graph.nodes
        if node.key in needed
        for key in node.sloped
        if key in needed
    )


def rules(graph: Graph) -> dict[str, str]:
    """How the gradient of each named value is computed, from the compiler's own backward pass."""
    derived = differentiate(stabilise(graph))
    told = {}
    for node in derived.nodes:
        if node.gradient_of and (rule := node.origin.rule or node.origin.remark):
            told[node.gradient_of] = rule
    return told

"""What a graph computes, as a short text for each of its values that a user sees.

Two models have the same text for an output if `predict` makes it of the same parameters by the
same operations, whatever their values are called, and whatever the loss and the optimizer are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from graphc.dataflow import Graph, Node
from graphc.dims import Dim

LOSS = "the loss"  # no output is called so


def forward(graph: Graph) -> Mapping[str, str]:
    """The text of each output, and of the loss, by its name."""
    roots = dict(graph.outputs) | ({} if graph.loss is None else {LOSS: graph.loss})
    kept = graph.before(roots.values())
    places = {
        node.key: f"{kind} {place}"
        for kind in ("input", "target")
        for place, node in enumerate(graph.leaves(kind))
    }
    found: dict[int, str] = {}
    for node in graph.nodes:
        if node.key in kept:
            own = places.get(node.key) or _own(node)
            found[node.key] = digest(own, *(found[one] for one in node.operands))
    return {name: found[key] for name, key in roots.items()}


def digest(*parts: object) -> str:
    """Sixteen digits that stand for some values."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _own(node: Node) -> str:
    """What a node is beside its operands."""
    if node.leaf is None:
        attributes = sorted((name, _plain(value)) for name, value in node.attributes.items())
        return f"{node.kind} {attributes}"
    if node.leaf.kind == "param":
        return f"param {node.leaf.name}"
    return f"{node.kind} {_plain(node.leaf.value)} {_plain(node.shape)}"


def _plain(value: Any) -> str:
    """A value without where it comes from."""
    match value:
        case Dim():
            return repr(value.terms)
        case tuple() | list():
            return f"({', '.join(map(_plain, value))})"
    return repr(value)

"""Whole numbers: which values hold them, where they are used, and below what they must be."""

from __future__ import annotations

from dataclasses import dataclass

from graphc.dataflow import Graph, Node
from graphc.dims import Dim, size


def whole(graph: Graph) -> set[int]:
    """The values that hold whole numbers: integer data, and what only moves them about."""
    found: set[int] = set()
    for node in graph.nodes:
        integer = node.leaf is not None and node.leaf.integer
        if integer or (node.op and node.op.moving and found.issuperset(node.operands)):
            found.add(node.key)
    return found


@dataclass(frozen=True)
class Use:
    """An operand that takes whole numbers from 0 to below `limit`; `part`: not all of the data."""

    reader: Node
    operand: str
    limit: Dim
    part: bool


def limit_of(graph: Graph, node: Node, operand: str) -> Dim | None:
    """Below what the whole numbers in an operand must be; None if it takes no whole numbers."""
    if node.op is None or operand not in node.op.integers:
        return None
    shapes = tuple(graph[key].shape for key in node.operands)
    return node.op.integers[operand](shapes, node.attributes)


def uses(graph: Graph, data: Node) -> list[Use]:
    """Where integer data arrive, through whatever only moves them."""
    found: list[Use] = []
    todo, seen = [(data, False)], {data.key}
    for node, part in todo:
        for reader in (graph[key] for key in graph.readers(node.key)):
            for name, key in zip(
                reader.op.names if reader.op else (), reader.operands, strict=True
            ):
                if key == node.key and (limit := limit_of(graph, reader, name)) is not None:
                    found.append(Use(reader, name, limit, part))
            if reader.op is not None and reader.op.moving and reader.key not in seen:
                cut = len(reader.operands) == 1 and size(reader.shape) != size(node.shape)
                todo.append((reader, part or cut))
                seen.add(reader.key)
    return found


def classes(graph: Graph, data: Node) -> int | None:
    """How many classes integer data tell apart, by what they are used for."""
    if data.leaf is None or not data.leaf.integer:
        return None
    limits = [use.limit.known for use in uses(graph, data)]
    return min((limit for limit in limits if limit is not None), default=None)

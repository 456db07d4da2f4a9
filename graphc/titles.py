"""What each value is called in the emitted module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from graphc.arrays import Allocation, Home
from graphc.dataflow import Graph
from graphc.names import Names

GIVEN = {"parameter": "theta"}


def titles(
    graph: Graph,
    allocation: Allocation,
    functions: Mapping[str, Sequence[int]],
    constants: Sequence[int],
    names: Names,
    known: Mapping[int, str] | None = None,
    first: int = 1,
) -> dict[int, str]:
    """A name for every value: the user's own, `d` and the name, a reader's, or s1, s2, ...

    `known` are constants that have a name already; new ones are counted from `first`.
    """
    order = list(dict.fromkeys(key for part in functions.values() for key in part))
    found: dict[int, str] = {}
    for node in graph.nodes:
        if node.label is not None:
            found[node.key] = names.user(node.label)
    if graph.loss is not None:
        found.setdefault(graph.loss, "loss")
    for node in graph.leaves("given"):
        if node.leaf is not None:
            found[node.key] = names.user(GIVEN.get(node.leaf.name, node.leaf.name))
    owners = {home: found[key] for key, home in allocation.start.items()}
    for key, home in allocation.homes.items():
        if home.kind == "given":
            found[key] = owners[home]
    for key, name in (known or {}).items():
        if key not in found:
            found[key] = names.fresh(name)
    for index, key in enumerate(key for key in constants if key not in (known or {})):
        found.setdefault(key, names.fresh(f"c{first + index}"))
    for node in graph.nodes:
        if node.gradient_of and node.key not in found:
            found[node.key] = names.fresh(f"d{names.user(node.gradient_of)}")
    draws, numbers = count(1), count(1)
    for key in order:
        if graph[key].drawn:
            found[key] = names.numbered("noise", draws)
    temporary: dict[Home | int, str] = {}
    part = {key: name for name, keys in functions.items() for key in keys}
    for key in reversed(order):
        reader = allocation.taken_by.get(key)
        only = reader is not None and set(graph.readers(key)) == {reader}
        if key not in found and only and reader is not None and part[key] == part[reader]:
            found[key] = found.get(reader, "")
    for key in order:
        if not found.get(key):
            place: Home | int = allocation.homes.get(key, key)
            if place not in temporary:
                temporary[place] = names.numbered("s", numbers)
            found[key] = temporary[place]
    return found

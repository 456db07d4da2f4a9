"""What each value is called in the emitted module."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from itertools import count

from graphc.arrays import Allocation
from graphc.dataflow import Graph, Node
from graphc.dims import Shape
from graphc.names import Names
from graphc.op import Sized, Work
from graphc.rooms import Home, Slot, Slots

GIVEN = {"parameter": "theta"}
FILLED: dict[float, str] = {0: "zeros", 1: "ones"}


def titles(
    graph: Graph,
    allocation: Allocation,
    functions: Mapping[str, Sequence[int]],
    constants: Sequence[int],
    names: Names,
    known: Mapping[int, str] | None = None,
    first: int = 1,
    elsewhere: Container[str] = (),
) -> dict[int, str]:
    """A name for every value: the user's own, `d` and the name, a reader's, or s1, s2, ...

    `known` are constants that have a name already; new ones are counted from `first`, and are not
    called what `elsewhere` something else is.
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
        if key in found and found[key] in elsewhere:
            del found[key]
        found.setdefault(key, names.fresh(f"c{first + index}"))
    for node in graph.nodes:
        if node.gradient_of and node.key not in found:
            found[node.key] = names.fresh(f"d{names.user(node.gradient_of)}")
    draws, numbers = count(1), count(1)
    for key in order:
        if graph[key].drawn:
            found[key] = names.numbered("noise", draws)
    temporary: dict[tuple[Home | int, Shape], str] = {}
    part = {key: name for name, keys in functions.items() for key in keys}
    for key in reversed(order):
        reader = allocation.taken_by.get(key)
        only = reader is not None and set(graph.readers(key)) == {reader}
        if key not in found and only and reader is not None and part[key] == part[reader]:
            found[key] = found.get(reader, "")
    for key in order:
        if not found.get(key):
            place = allocation.homes.get(key, key), graph[key].shape
            if place not in temporary:
                temporary[place] = names.numbered("s", numbers)
            found[key] = temporary[place]
    return found


def slots_of(
    graph: Graph,
    allocation: Allocation,
    order: Sequence[int],
    called: Mapping[int, str],
    names: Names,
) -> Slots:
    """The arrays of the statements' results, and those that their code needs beside, with names."""
    results, work = dict[int, Slot](), dict[int, dict[str, Slot]]()
    found: dict[tuple[Home, Shape], str] = {}
    for key in dict.fromkeys(order):
        node, home = graph[key], allocation.homes.get(key)
        if home is not None and home.kind == "array":
            dtype = allocation.rooms.rooms[home.number].dtype
            results[key] = Slot(home, called[key], node.shape, dtype)
        for name, (home, one) in allocation.work.get(key, {}).items():
            if home == allocation.homes[key]:
                title = called[key]
            else:
                if (home, one.shape) not in found:
                    found[home, one.shape] = names.another(_purpose(name, one, graph[key]))
                title = found[home, one.shape]
            work.setdefault(key, {})[name] = Slot(
                home, title, one.shape, one.dtype, one.fill, one.laid
            )
    return Slots(results, work)


def _purpose(name: str, work: Work, node: Node) -> str:
    """What an array is called that only code speaks of: by its numbers, or what it is for."""
    if isinstance(work.fill, Sized):
        return "scale"
    if work.fill is not None:
        return FILLED.get(work.fill, "limit")
    return "tiled" if node.op is not None and name in node.op.names else name

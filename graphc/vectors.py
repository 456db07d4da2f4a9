"""graph -> plan of an update rule: flat vectors, large ones block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graphc.arrays import Allocation
from graphc.dataflow import Graph, inline
from graphc.dims import Dim
from graphc.measured import block
from graphc.names import Names
from graphc.plan import Plan, names_of, planned, sized
from graphc.rooms import Home


def plan_update(graph: Graph, size: int) -> Plan:
    """The plan of an update rule: flat vectors are overwritten by their values after the step.

    Vectors of a large `size` are updated block by block, as far as each number is for itself.
    """
    given = {node.leaf.name: node.key for node in graph.leaves("given") if node.leaf and node.shape}
    homes = {name: Home("given", name=name) for name in given}
    start = {key: homes[name] for name, key in given.items()}
    pinned = {key: homes[name] for name, key in graph.outputs.items()}
    steps = [node.key for node in graph.nodes if node.op and not inline(node, graph)]
    length = block(len(given))
    whole = _whole(graph, steps) if size > length else {*steps}
    blocked = [key for key in steps if key not in whole]
    functions = {"update": [*(key for key in steps if key in whole), *blocked]}
    allocation = Allocation(graph, functions, pinned, start, set())
    made = planned(graph, functions, [], allocation, Names(names_of(graph)))
    lasting = {made.names[key] for key in whole}
    lasting |= {slot.name for key in whole for slot in made.work.get(key, {}).values()}
    part = Dim.of(length)
    arrays = [
        one
        if lasting.intersection(one.names)
        else replace(one, size=part, views=(((part,), one.names),))
        for one in made.arrays
    ]
    return replace(made, arrays=tuple(arrays), blocked=frozenset(blocked), block=length)


def _whole(graph: Graph, steps: Sequence[int]) -> set[int]:
    """The statements of an update that must see whole vectors: what a scalar is made of, or makes.

    And those that must come before one of these, because it overwrites what they read.
    """
    leaves = {node.leaf.name: node.key for node in graph.leaves("given") if node.leaf}
    over = {key: leaves[name] for name, key in graph.outputs.items() if name in leaves}
    found, more = set[int](), {key for key in steps if not graph[key].shape or sized(graph[key])}
    while more - found:
        found = graph.before(found | more)
        more = {one for key, leaf in over.items() if key in found for one in graph.readers(leaf)}
    return found.intersection(steps)

"""graph -> plan: what runs in which function, which array holds which value, what it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphc.arrays import Allocation, Home
from graphc.dataflow import Graph, Node, behind, inline
from graphc.dims import Dim, Shape, size
from graphc.integers import whole
from graphc.names import Names
from graphc.titles import titles

RESERVED = {"parameter", "gradient", "matrices", "step", "epoch", "batch"}


@dataclass(frozen=True)
class Plan:
    """Everything that the emitter prints."""

    graph: Graph
    functions: Mapping[str, tuple[int, ...]]  # the statements of each, in order
    constants: tuple[int, ...]  # arrays computed once, when the module is imported
    homes: Mapping[int, Home]  # of each value with an array; other statements are local scalars
    names: Mapping[int, str]
    arrays: tuple[tuple[Shape, tuple[str, ...]], ...]  # shape and the names that share it
    sizes: Mapping[str, str]  # what each run-time size is called
    integers: frozenset[int]  # values that hold whole numbers

    @property
    def states(self) -> list[str]:
        """What an update rule keeps from step to step, by its emitted names."""
        return list(self.starts)

    @property
    def starts(self) -> dict[str, float]:
        """The number that each state of an update rule starts with, by its emitted name."""
        kept = [name for name in self.graph.outputs if name != "parameter"]
        leaves = [n for n in self.graph.leaves("given") if n.leaf and n.leaf.name in kept]
        return {self.names[node.key]: node.leaf.value or 0 for node in leaves if node.leaf}

    @property
    def masked(self) -> bool:
        """Whether an update rule tells matrices from other parameters."""
        return any(node.leaf.name == "matrices" for node in self.graph.leaves("given") if node.leaf)

    @property
    def elements(self) -> Dim:
        """How many numbers of the dtype the buffers have room for, by the run-time sizes."""
        total, double = Dim.of(0), self.graph.settings.dtype == "float32"
        for shape, names in self.arrays:
            total += size(shape) * Dim.of(2 if double and names[0] in self.integer_names else 1)
        return total

    @property
    def integer_names(self) -> set[str]:
        """What the values are called that hold whole numbers, of 64 bits each."""
        return {self.names[key] for key in self.integers if key in self.names}

    @property
    def reduced(self) -> set[str]:
        """The run-time sizes of arrays that are smaller by something: none may be 0."""
        sizes = [dim for shape, _ in self.arrays for dim in shape]
        return {name for dim in sizes if any(n < 0 for _, n in dim.terms) for name in dim.names}


def plan(graph: Graph) -> Plan:
    """The plan of a model: constants, forward, outputs, loss, backward."""
    live = graph.leaves("input", "target", "param")
    varying = {*graph.roots, *(node.key for node in live)}
    for node in graph.nodes:
        if _sized(node) or any(operand in varying for operand in node.operands):
            varying.add(node.key)
    stated = [n for n in graph.nodes if not inline(n, graph) and (n.op or n.kind == "const")]
    constants = [n.key for n in stated if n.key not in varying]
    steps = [n.key for n in stated if n.key in varying]

    wanted = graph.before(graph.outputs.values())
    judged = graph.before([] if graph.loss is None else [graph.loss])
    trained = graph.before(graph.gradients.values())
    forward = [key for key in steps if key in wanted and key in judged]
    loss = [key for key in steps if key in judged and key not in wanted]
    functions = {
        "forward": forward,
        "outputs": [key for key in steps if key in wanted and key not in judged],
        "loss": loss,
        "backward": [k for k in steps if k in trained and k not in judged],
    }
    gradient = {key: Home("gradient", name=name) for name, key in graph.gradients.items()}
    kept = set(functions["outputs"]) | {
        one for key in graph.outputs.values() for one in behind(key, graph)
    }
    allocation = Allocation(graph, functions, gradient, {}, kept, integers=whole(graph))
    return _planned(graph, functions, constants, allocation)


def plan_update(graph: Graph) -> Plan:
    """The plan of an update rule: flat vectors are overwritten by their values after the step."""
    given = {node.leaf.name: node.key for node in graph.leaves("given") if node.leaf and node.shape}
    homes = {name: Home("given", name=name) for name in given}
    start = {key: homes[name] for name, key in given.items()}
    pinned = {key: homes[name] for name, key in graph.outputs.items()}
    steps = [node.key for node in graph.nodes if node.op and not inline(node, graph)]
    functions = {"update": steps}
    return _planned(graph, functions, [], Allocation(graph, functions, pinned, start, set()))


def run_time(graph: Graph) -> list[str]:
    """The run-time sizes of the data, in the order of their first appearance."""
    data = [*graph.leaves("input"), *graph.leaves("target")]
    names = [name for node in data for dim in node.shape for name in sorted(dim.names)]
    return list(dict.fromkeys(names))


def names_of(graph: Graph) -> list[str]:
    """What the user named."""
    labels = [node.label for node in graph.nodes if node.label]
    leaves = [n.leaf.name for n in graph.leaves("given") if n.leaf and n.leaf.name not in RESERVED]
    return [*labels, *leaves, *(name for name in run_time(graph) if name not in RESERVED)]


def _sized(node: Node) -> bool:
    """Whether a run-time size stands in the value, its shape or its attributes."""
    given = [node.number, *node.shape]
    for value in node.attributes.values():
        given += value if isinstance(value, tuple) else [value]
    return any(isinstance(one, Dim) and one.known is None for one in given)


def _planned(
    graph: Graph,
    functions: Mapping[str, Sequence[int]],
    constants: Sequence[int],
    allocation: Allocation,
) -> Plan:
    order = [key for part in functions.values() for key in part]
    allocation.run(order)
    names = Names(names_of(graph))
    called = titles(graph, allocation, functions, constants, names)
    shared: dict[int, dict[str, None]] = {}
    for key in order:
        home = allocation.homes.get(key)
        if home is not None and home.kind == "array":
            shared.setdefault(home.number, {})[called[key]] = None
    return Plan(
        graph,
        {name: tuple(part) for name, part in functions.items()},
        tuple(constants),
        allocation.homes,
        called,
        tuple((allocation.shapes[n], tuple(those)) for n, those in sorted(shared.items())),
        {name: names.user(name) for name in run_time(graph)},
        frozenset(allocation.integers),
    )

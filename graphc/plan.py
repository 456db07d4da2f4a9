"""graph -> plan: what runs in which function, which array holds which value, what it is called."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from graphc.arrays import Allocation
from graphc.dataflow import Graph, Node, behind, inline, operands
from graphc.dims import Dim
from graphc.frames import TIMES, VECTORS
from graphc.frugal import frugal
from graphc.integers import whole
from graphc.names import Names
from graphc.phases import ALWAYS, EVALUATE, OUTPUTS, PREDICT
from graphc.prediction import Prediction, predicting
from graphc.rooms import Array, Home, Slot
from graphc.titles import slots_of, titles
from graphc.turned import turned

RESERVED = {*VECTORS, *TIMES, "batch"}


@dataclass(frozen=True)
class Plan:
    """Everything that the emitter prints."""

    graph: Graph
    functions: Mapping[str, tuple[int, ...]]  # the statements of each, in order
    constants: tuple[int, ...]  # arrays computed once, when the module is imported
    homes: Mapping[int, Home]  # of each value with an array; other statements are local scalars
    names: Mapping[int, str]
    arrays: tuple[Array, ...]  # of a step
    prediction: Prediction  # the arrays of `predict` and `loss`
    work: Mapping[int, Mapping[str, Slot]]  # the arrays that code needs beside its operands
    turned: Mapping[int, str]  # transposes that are made once, and what they are called
    sizes: Mapping[str, str]  # what each run-time size is called
    integers: frozenset[int]  # values that hold whole numbers
    blocked: frozenset[int] = frozenset()  # statements that are run block by block
    block: int = 0  # how long a block of each vector is

    @property
    def states(self) -> dict[str, float]:
        """What an update rule keeps from step to step, by its emitted names, and how it starts."""
        kept = {*self.graph.outputs} - {"parameter"}
        leaves = [(n, n.leaf) for n in self.graph.leaves("given") if n.leaf and n.leaf.name in kept]
        return {self.names[node.key]: leaf.value or 0 for node, leaf in leaves}

    @property
    def masked(self) -> bool:
        """Whether an update rule tells matrices from other parameters."""
        return any(node.leaf.name == "matrices" for node in self.graph.leaves("given") if node.leaf)


def plan(graph: Graph, evaluated: Graph | None = None) -> Plan:
    """The plan of a model: constants, forward, outputs, loss, backward.

    If it is `evaluated` by another graph, the plan is one of training: no outputs, but what is
    drawn before `forward` and tracked after the update.
    """
    stated, varying = _stated(graph)
    steps = [key for key in stated if key in varying]
    drawn = {key for key in steps if graph[key].drawn}
    wanted = graph.before(graph.outputs.values())
    judged = graph.before([] if graph.loss is None else [graph.loss])
    trained = graph.before(graph.gradients.values())
    tracked = graph.before(graph.tracked.values())
    if evaluated is not None:
        graph = replace(graph, outputs={})
    used = graph.before(graph.roots)
    late = _late(graph, (tracked - judged - trained - drawn) & {*steps})
    parts = {
        "draw": drawn & used,
        "forward": wanted & judged - drawn,
        "outputs": wanted - judged if evaluated is None else set(),
        "loss": judged - drawn - wanted,
        "backward": (trained | tracked) - judged - drawn - late,
        "track": late,
    }
    ordered = {name: [key for key in steps if key in part] for name, part in parts.items()}
    functions = {name: keys for name, keys in ordered.items() if keys or name in ALWAYS}
    start = {
        node.key: Home("given", name=node.leaf.name)
        for node in graph.leaves("param")
        if node.leaf is not None and node.leaf.name in graph.tracked
    }
    pinned = {key: Home("gradient", name=name) for name, key in graph.gradients.items()}
    pinned |= {key: Home("given", name=name) for name, key in graph.tracked.items()}
    later = {one for key in parts["track"] for one in operands(graph[key], graph)}
    functions["backward"] = frugal(graph, functions["backward"], later, pinned)
    kept = {one for one in _returned(graph) if not (graph[one].label and graph[one].shape)}
    kept |= {key for key in functions["forward"] if key == graph.loss}
    kept |= {*functions["outputs"]}
    return planned(
        graph,
        functions,
        [key for key in stated if key not in varying and key in used],
        Allocation(graph, functions, pinned, start, kept, integers=whole(graph)),
        Names(names_of(graph), names_of(evaluated) if evaluated else (), modes=bool(evaluated)),
        judged=evaluated is None,
    )


def plan_evaluation(graph: Graph, training: Plan) -> Plan:
    """The plan of evaluation, beside the one of training, with which it shares constants."""
    stated, varying = _stated(graph)
    steps = [key for key in stated if key in varying]
    wanted = graph.before(graph.outputs.values())
    judged = graph.before([] if graph.loss is None else [graph.loss])
    shared = [key for key in steps if key in wanted and key in judged]
    outputs, loss = ([key for key in steps if key not in other] for other in (judged, wanted))
    functions = dict(zip(EVALUATE, (shared, outputs, loss), strict=True))
    kept = {*outputs} | _returned(graph)
    return planned(
        graph,
        functions,
        [key for key in stated if key not in varying],
        Allocation(graph, functions, {}, {}, kept, integers=whole(graph)),
        Names(names_of(training.graph), names_of(graph), modes=True),
        training,
    )


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


def _stated(graph: Graph) -> tuple[list[int], set[int]]:
    """What has a statement, in order, and what is not the same in every step."""
    varying = {*graph.roots, *(node.key for node in graph.leaves("input", "target", "param"))}
    for node in graph.nodes:
        if node.drawn or _sized(node) or any(operand in varying for operand in node.operands):
            varying.add(node.key)
    stated = [n.key for n in graph.nodes if not inline(n, graph) and (n.op or n.kind == "const")]
    return stated, varying


def _returned(graph: Graph) -> set[int]:
    """The values whose arrays `predict` copies."""
    return {one for key in graph.outputs.values() for one in behind(key, graph)}


def _late(graph: Graph, keys: set[int]) -> set[int]:
    """Those of `keys` that can be computed after the update: no parameter that has changed is read.

    A tracked parameter is read by what makes its own next value alone.
    """
    leaves = {n.leaf.name: n.key for n in graph.leaves("param") if n.leaf}
    # of each value those in whose next value it has a part: more than one are many
    parts = {key: {leaves[name]} for name, key in graph.tracked.items()}
    for node in reversed(graph.nodes):
        for operand in node.operands if node.key in parts else ():
            if len(found := parts.setdefault(operand, set())) < 2:
                found |= parts[node.key]
    data = {node.key for node in graph.leaves("input", "target", "param")}
    read = {key: [one for one in operands(graph[key], graph) if one in data] for key in keys}
    early = [key for key, ones in read.items() if any({one} != parts[key] for one in ones)]
    return keys - graph.before(early)


def _sized(node: Node) -> bool:
    """Whether a run-time size stands in the value, its shape or its attributes."""
    return sized(node) or _run_time((node.number, *node.shape))


def sized(node: Node) -> bool:
    """Whether a run-time size stands in a node's attributes."""
    values = node.attributes.values()
    return any(_run_time(value if isinstance(value, tuple) else (value,)) for value in values)


def _run_time(values: tuple[object, ...]) -> bool:
    return any(isinstance(one, Dim) and one.known is None for one in values)


def planned(
    graph: Graph,
    functions: Mapping[str, Sequence[int]],
    constants: Sequence[int],
    allocation: Allocation,
    names: Names,
    beside: Plan | None = None,
    *,
    judged: bool = True,
) -> Plan:
    """The plan of statements in functions, once their values have arrays and names.

    Constants that the plan `beside` has too are called as they are there. Unless it is `judged`,
    another plan says what is predicted.
    """
    order = [key for part in functions.values() for key in part]
    allocation.run(order)
    known = _shared(graph, constants, beside) if beside else {}
    first = len(beside.constants) + 1 if beside else 1
    elsewhere = {*beside.names.values()} if beside else ()
    called = titles(graph, allocation, functions, constants, names, known, first, elsewhere)
    slots = slots_of(graph, allocation, order, called, names)
    trained = [key for name, part in functions.items() if name not in OUTPUTS for key in part]
    predicted = [key for name in (*PREDICT, *EVALUATE) if judged for key in functions.get(name, ())]
    return Plan(
        graph,
        {name: tuple(part) for name, part in functions.items()},
        tuple(constants),
        allocation.homes,
        called,
        allocation.rooms.arrays((slot.home, slot) for key in trained for slot in slots.at(key)),
        predicting(graph, predicted, slots, _returned(graph)),
        slots.work,
        turned(graph, order, called, slots.results, names),
        {name: names.user(name) for name in run_time(graph)},
        frozenset(allocation.integers),
    )


def _shared(graph: Graph, constants: Sequence[int], beside: Plan) -> dict[int, str]:
    """The constants that another plan has too, by what they are called there."""
    known: dict[Hashable, int] = {}
    there, here = _alike(beside.graph, known), _alike(graph, known)
    called = {there[key]: beside.names[key] for key in beside.constants}
    return {key: called[here[key]] for key in constants if here[key] in called}


def _alike(graph: Graph, known: dict[Hashable, int]) -> dict[int, int]:
    """A number for every value that is made of constants; equal ones have the same."""
    found: dict[int, int] = {}
    for node in graph.nodes:
        if node.op is not None:
            if any(operand not in found for operand in node.operands):
                continue
            made: Hashable = tuple(found[operand] for operand in node.operands)
            made = node.op.name, made, tuple(sorted(node.attributes.items()))
        elif node.leaf is not None and node.leaf.kind in {"number", "const"}:
            made = node.leaf.kind, node.leaf.integer, node.leaf.value
        else:
            continue
        found[node.key] = known.setdefault(made, len(known))
    return found

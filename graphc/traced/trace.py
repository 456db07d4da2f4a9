"""A checked model and one example -> every value and every gradient of the user's own graph."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphc.dataflow import Graph, Node
from graphc.explained.naming import LOSS, title_of
from graphc.explained.spelling import seen_through, spelt
from graphc.explained.sweep import Swept, swept
from graphc.printing import show
from graphc.traced.evaluating import Array, Evaluation
from graphc.traced.example import Example


@dataclass(frozen=True)
class Part:
    """What one reader sends back to a value; `passed` where that is its own gradient as it is."""

    reader: int
    value: Array
    passed: bool


@dataclass(frozen=True)
class Gate:
    """One value of a model: what makes it, the number that it has, and what comes back to it.

    `kind` is input, target, param, frozen, const or step. `formula` is empty where nothing computes
    it. `line` counts from 1; what stands in a file of the prelude has the line that calls it.
    """

    key: int
    kind: str
    name: str
    formula: str
    line: int
    value: Array
    gradient: Array | None = None
    parts: tuple[Part, ...] = ()

    @property
    def title(self) -> str:
        """Its name, or else what computes it."""
        return self.name or self.formula


@dataclass(frozen=True)
class Trace:
    """The gates of a model in the order in which they are computed, by key, and its loss."""

    graph: Graph
    source: str
    gates: Mapping[int, Gate]
    loss: int

    def spelt(self, gate: Gate, put: Mapping[int, str]) -> str:
        """What computes a gate, with other words for some operands."""
        names = {key: one.name for key, one in self.gates.items() if one.name}
        return show(spelt(gate.key, self.graph, {**names, **put}, gate.name))

    def sources(self, gate: Gate) -> list[tuple[Gate, Array]]:
        """The gates that send a gradient back, each with what it sends."""
        return [(self.gates[one.reader], one.value) for one in gate.parts]


def traced(graph: Graph, example: Example) -> Trace:
    """The trace of a checked model that has its stable forms and a loss."""
    done = swept(graph)
    back = {seen_through(one, done.whole): done.totals[key] for key, one in done.slopes.items()}
    values = Evaluation(
        done.whole,
        example.leaves,
        example.sizes,
        back,
        copy.deepcopy(example.trainer.rng),
        example.module.DTYPE,
    )
    step = [done.at[done.place[graph.loss]]] if graph.loss is not None else []
    step += done.totals.values()
    # as the module: first what a training step needs, then what it leaves out
    needed = done.whole.before(step)
    values.draw(needed)
    values.draw({*done.whole.known} - needed)
    owners = _owners(graph, done)
    shapes = example.sizes
    names = {node.key: name for node in graph.nodes if (name := _name(node))}
    gates = {
        node.key: _gate(node, graph, done, values, owners, names, shapes)
        for node in graph.nodes
        if node.op is not None or node.key in names
    }
    assert graph.loss is not None
    return Trace(graph, graph.settings.source, gates, graph.loss)


def _name(node: Node) -> str:
    """What the user calls a value, also one that is a number."""
    return title_of(node) or (node.leaf.name if node.leaf is not None else "")


def _owners(graph: Graph, done: Swept) -> dict[int, int]:
    """The node of the user's graph that each node of its copy belongs to."""
    found: dict[int, int] = {}
    last = -1
    for node in graph.nodes:
        end = done.place[node.key]
        found |= dict.fromkeys(range(last + 1, end + 1), node.key)
        last = max(last, end)
    return found


def _gate(
    node: Node,
    graph: Graph,
    done: Swept,
    values: Evaluation,
    owners: Mapping[int, int],
    names: Mapping[int, str],
    sizes: Mapping[str, int],
) -> Gate:
    at = done.place[node.key]
    kind = node.leaf.kind if node.leaf is not None else "step"
    kind = "frozen" if node.leaf is not None and node.leaf.frozen else kind
    kind = "const" if kind == "number" else kind
    name = names.get(node.key, LOSS if node.key == graph.loss else "")
    formula = show(spelt(node.key, graph, names, name)) if node.op is not None else ""
    shape = tuple(values.calculator.solved(node.shape))
    gradient: Array | None = None
    parts: tuple[Part, ...] = ()
    if at in done.totals:
        gradient = np.broadcast_to(values[done.totals[at]], shape)
        parts = _parts(done, values, owners, at, shape)
    one = node.origin.statement
    line = (one.of or one).span.line if one is not None else 0
    value = np.broadcast_to(values[done.at[at]], shape)
    return Gate(node.key, kind, name, formula, line, value, gradient, parts)


def _parts(
    done: Swept, values: Evaluation, owners: Mapping[int, int], at: int, shape: Any
) -> tuple[Part, ...]:
    """What each reader sends, first reader first; what one sends by several ways is added up."""
    found: dict[int, Part] = {}
    for reader, key in done.parts.get(at, ()):
        sent = np.broadcast_to(values[key], shape)
        owner, real = owners[reader], seen_through(key, done.whole)
        own = {done.slopes.get(reader), done.totals[reader]} - {None}
        passed = real in {seen_through(one, done.whole) for one in own if one is not None}
        before = found.get(owner)
        if before is not None:
            sent, passed = before.value + sent, False
        found[owner] = Part(owner, sent, passed)
    return tuple(found[owner] for owner in sorted(found))

"""A checked model and one example -> every value and every gradient of the user's own graph."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphc.dataflow import Graph, Node
from graphc.explained.derivation import Derivation
from graphc.explained.deriving import derived
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
    """The gates of a model in the order in which they are computed, by key, and its loss.

    `rows` are those of the batch, one where nothing has a batch.
    """

    graph: Graph
    source: str
    gates: Mapping[int, Gate]
    loss: int
    rows: int = 1

    @property
    def title(self) -> str:
        """What is traced: `3 rows forward and back`."""
        what = "one example" if self.rows == 1 else f"{self.rows:,} rows"
        return f"{self.source}: {what} forward and back"

    def spelt(self, gate: Gate, put: Mapping[int, str]) -> str:
        """What computes a gate, with other words for some operands."""
        names = {key: one.name for key, one in self.gates.items() if one.name}
        return show(spelt(gate.key, self.graph, {**names, **put}, gate.name))

    def derived(self, gate: Gate) -> list[str]:
        """The formulas that lead to the gradient of a gate that has a name, from others' names."""
        value = self._derivation.values.get(gate.name)
        if value is None or not value.gradient or value.kind == "loss":
            return []
        steps = self._derivation.chain(value.gradient, whole=False)
        return [f"{one.name} = {show(one.formula)}" for one in steps]

    @cached_property
    def _derivation(self) -> Derivation:
        return derived(self.graph)

    def sources(self, gate: Gate) -> list[tuple[Gate, Array]]:
        """The gates that send a gradient back, each with what it sends."""
        return [(self.gates[one.reader], one.value) for one in gate.parts]


def traced(graph: Graph, example: Example) -> Trace:
    """The trace of a checked model that has its stable forms and a loss."""
    assert graph.loss is not None
    tracing = _Tracing(graph, swept(graph), example)
    gates = {
        one.key: tracing.gate(one) for one in graph.nodes if one.op or one.key in tracing.names
    }
    return Trace(graph, graph.settings.source, gates, graph.loss, example.sizes.get("batch", 1))


class _Tracing:
    """Evaluates a model and its gradients, and makes its gates."""

    def __init__(self, graph: Graph, done: Swept, example: Example) -> None:
        self.graph, self.swept = graph, done
        self.names = {node.key: name for node in graph.nodes if (name := title_of(node))}
        self.owners = self._owners()
        whole = done.whole
        back = {seen_through(one, whole): done.totals[key] for key, one in done.slopes.items()}
        rng = copy.deepcopy(example.trainer.rng)
        dtype = example.module.DTYPE
        self.values = Evaluation(whole, example.leaves, example.sizes, back, rng, dtype)
        # as the module draws: what a training step needs, and nothing else before it
        needed = whole.before([done.at[done.forward.loss or 0], *done.totals.values()])
        self.values.draw(needed)
        self.values.draw({*whole.known} - needed)

    def _owners(self) -> dict[int, int]:
        """The node of the user's graph that each node of its copy belongs to."""
        found: dict[int, int] = {}
        last = -1
        for node in self.graph.nodes:
            end = self.swept.place[node.key]
            found |= dict.fromkeys(range(last + 1, end + 1), node.key)
            last = max(last, end)
        return found

    def gate(self, node: Node) -> Gate:
        """The gate of a node."""
        at, shape = self.swept.place[node.key], self.values.calculator.solved(node.shape)
        kind = node.leaf.kind if node.leaf is not None else "step"
        kind = "frozen" if node.leaf is not None and node.leaf.frozen else kind
        name = self.names.get(node.key, LOSS if node.key == self.graph.loss else "")
        formula = show(spelt(node.key, self.graph, self.names, name)) if node.op else ""
        statement = node.origin.statement
        line = (statement.of or statement).span.line if statement is not None else 0
        return Gate(
            node.key,
            "const" if kind == "number" else kind,
            name,
            formula,
            line,
            self._array(self.swept.at[at], shape),
            self._array(self.swept.totals[at], shape) if at in self.swept.totals else None,
            self._parts(at, shape),
        )

    def _array(self, key: int, shape: tuple[int, ...]) -> Array:
        return np.broadcast_to(self.values[key], shape)

    def _parts(self, at: int, shape: tuple[int, ...]) -> tuple[Part, ...]:
        """What each reader sends, last reader first, as the way back meets them."""
        return tuple(
            Part(
                self.owners[reader],
                self._array(key, shape),
                self._real(key) in self._own(reader),
            )
            for reader, key in self.swept.parts.get(at, ())
        )

    def _own(self, reader: int) -> set[int]:
        """The nodes that are the gradient of a reader."""
        keys = [self.swept.totals[reader]]
        keys += [self.swept.slopes[reader]] if reader in self.swept.slopes else []
        return {self._real(key) for key in keys}

    def _real(self, key: int) -> int:
        return seen_through(key, self.swept.whole)

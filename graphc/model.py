"""What a compiled model is, told in plain values: its data, parameters, outputs and memory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from graphc.dataflow import Graph, Node
from graphc.dims import Dim
from graphc.integers import classes
from graphc.plan import Plan

BYTES = {"float32": 4, "float64": 8}


@dataclass(frozen=True)
class Data:
    """One input or target, in the order of the Trainer's arguments: inputs, then targets."""

    name: str
    kind: str  # "input" or "target"
    integer: bool
    shape: tuple[int | str, ...]  # a string is a run-time dimension
    classes: int | None  # integer data: valid values are 0 .. classes - 1, if that is known


@dataclass(frozen=True)
class Parameter:
    """One trainable array; `start` is how it begins, as Python over `rng`."""

    name: str
    shape: tuple[int, ...]
    frozen: bool

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class Model:
    """A compiled model's face."""

    name: str
    dtype: str
    data: tuple[Data, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[str, ...]
    defaults: Mapping[str, int | bool]
    elements: Dim  # numbers held by the arrays of one step, and of one evaluation

    def memory(self, batch: int) -> int:
        """Bytes of parameters, gradient and the arrays of one step on `batch` rows.

        If evaluation has arrays of its own, those too. Other run-time sizes count as 1.
        """
        sizes = [
            factor * math.prod(batch if name == "batch" else 1 for name in names)
            for names, factor in self.elements.terms
        ]
        parameters = 2 * sum(one.size for one in self.parameters)
        return (sum(sizes) + parameters) * BYTES[self.dtype]


def described(plan: Plan, evaluation: Plan | None = None) -> Model:
    """The face of a planned model, and of its evaluation if that has a plan of its own."""
    graph = plan.graph
    settings = graph.settings
    return Model(
        settings.name,
        settings.dtype,
        data_of(graph),
        parameters_of(graph),
        tuple((evaluation or plan).graph.outputs),
        settings.train,
        plan.elements + evaluation.elements if evaluation else plan.elements,
    )


def data_of(graph: Graph) -> tuple[Data, ...]:
    """Inputs, then targets, each in the order of the text."""
    return tuple(
        Data(node.leaf.name, kind, node.leaf.integer, _sizes(node), classes(graph, node))
        for kind in ("input", "target")
        for node in graph.leaves(kind)
        if node.leaf is not None
    )


def parameters_of(graph: Graph) -> tuple[Parameter, ...]:
    """The trained parameters, then the frozen ones, each in the order of the text."""
    found = [
        Parameter(n.leaf.name, tuple(dim.known or 0 for dim in n.shape), n.leaf.frozen)
        for n in graph.leaves("param")
        if n.leaf is not None
    ]
    return tuple(sorted(found, key=lambda one: one.frozen))


def _sizes(node: Node) -> tuple[int | str, ...]:
    return tuple(dim.known if dim.known is not None else dim.code for dim in node.shape)

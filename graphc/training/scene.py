"""What a teacher looks at in a model: the units of its layers, its weights, what layers read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphc.book import book
from graphc.contraction import contracted
from graphc.dataflow import Graph, Node
from graphc.traced.evaluating import Evaluation
from graphc.wording import name_of

Arrays = Mapping[str, NDArray[Any]]
ACTIVATIONS = ("relu", "sigmoid", "tanh")


@dataclass(frozen=True)
class Layer:
    """An activation whose units, along an axis of its value, a later layer or the user reads."""

    key: int
    name: str  # as a message speaks of it: `h1` (line 9)
    act: str
    axis: int
    units: int

    def by_unit(self, values: NDArray[Any]) -> NDArray[Any]:
        """The values as [units, everything else]."""
        return np.moveaxis(values, self.axis, 0).reshape(self.units, -1)


@dataclass(frozen=True)
class Scene:
    """A model as a teacher sees it.

    `weights` are the trained matrices of layers by name, in the order of the graph; `trained` are
    all trained parameters. `read` are the inputs that layers read as they come.
    """

    graph: Graph
    layers: tuple[Layer, ...]
    weights: tuple[str, ...]
    trained: tuple[str, ...]
    read: tuple[str, ...]

    def values(self, params: Arrays, data: Arrays, sizes: Mapping[str, int]) -> dict[int, Any]:
        """The values of the layers by their keys, as a training step has them."""
        graph, dtype = self.graph, np.dtype(self.graph.settings.dtype)
        rng = np.random.default_rng(0)
        made = Evaluation(graph, {**data, **params}, sizes, {}, rng, dtype.type)
        return {one.key: made[one.key] for one in self.layers}

    @cached_property
    def rows(self) -> dict[str, int]:
        """The axis that counts rows, of each output and of data, by name."""
        graph = self.graph
        leaves = {_name(node): node for node in graph.leaves("input", "target")}
        nodes = {**leaves, **{name: graph[key] for name, key in graph.outputs.items()}}
        return {
            name: axis
            for name, node in nodes.items()
            for axis, dim in enumerate(node.shape)
            if "batch" in dim.names
        }

    def stacked(self, names: Collection[str]) -> Iterator[tuple[str, str]]:
        """Weights among some, each with another that multiplies what comes of it."""
        nodes = [node for node in self.graph.leaves("param") if _name(node) in names]
        for second in nodes:
            before = self.graph.before(self.graph.readers(second.key))
            for first in nodes:
                if first.key in before and first is not second:
                    yield _name(first), _name(second)


def scene(graph: Graph) -> Scene:
    """The scene of a graph of `shapes`."""
    known, seen, axes = graph.learnt(), _seen(graph), _axes(graph)
    before = graph.before([] if graph.loss is None else [graph.loss], sloped=True)
    wanted = known & seen & before
    params = [node for node in graph.leaves("param") if node.trained and node.key in before]
    weighing = contracted(graph)
    return Scene(
        graph,
        tuple(
            layer
            for node in graph.nodes
            if node.kind in ACTIVATIONS and node.key in wanted
            if (layer := _layer(graph, node, axes[node.key])) is not None
        ),
        tuple(_name(node) for node in params if len(node.shape) > 1 and node.key in weighing),
        tuple(_name(node) for node in params),
        tuple(_name(node) for node in graph.leaves("input") if _is_read(graph, node)),
    )


def told(node: Node) -> str:
    """A value in a message: `h1` (line 9)."""
    span = node.origin.span
    line = "" if span is None else f" (line {(span.calls or [span])[0].line})"
    return f"`{name_of(node)}`{line}"


def _name(node: Node) -> str:
    return node.leaf.name if node.leaf is not None else ""


def _seen(graph: Graph) -> set[int]:
    """The values that reach a product with something learnt, or an output, and no product before.

    What goes into the loss alone is none: in a hinge loss zeros are what one hopes for.
    """
    known, found = graph.learnt(), set(graph.outputs.values())
    for node in reversed(graph.nodes):
        product = node.op is not None and bool(node.op.contracts)
        for key in node.operands:
            others = known.intersection(node.operands) - {key}
            if others if product else node.key in found:
                found.add(key)
    return found


def _layer(graph: Graph, node: Node, axis: int | None) -> Layer | None:
    """The layer of an activation; None if its units cannot be counted."""
    units = node.shape[axis].known if axis is not None and node.shape else None
    if axis is None or units is None:
        return None
    return Layer(node.key, told(node), node.kind, axis, units)


def _axes(graph: Graph) -> dict[int, int | None]:
    """The axis along which a value has a unit for each column of the weights it comes from."""
    found: dict[int, int | None] = {}
    for node in graph.nodes:
        if node.op is None or not node.op.contracts:
            alike = (key for key in node.operands if graph[key].shape == node.shape)
            found[node.key] = next((found[key] for key in alike), None)
        elif node.op is not book().symbols["@"]:
            found[node.key] = 1  # the filters of a convolution
        else:
            weighed_first = graph[node.operands[0]].trained and len(node.shape) > 1
            found[node.key] = -2 if weighed_first else -1
    return found


def _is_read(graph: Graph, node: Node) -> bool:
    """Whether a product with something learnt reads numbers as they come."""
    readers = [graph[key] for key in graph.readers(node.key)]
    return not (node.leaf and node.leaf.integer) and any(
        one.op is not None and one.op.contracts and any(graph[k].trained for k in one.operands)
        for one in readers
    )

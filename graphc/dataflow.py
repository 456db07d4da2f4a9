"""The one graph type of every stage: nodes are operations or leaves, edges carry values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import networkx as nx

from graphc import tree
from graphc.dims import Dim, Shape
from graphc.op import Attributes, Op
from graphc.source import Span


class Leaf(NamedTuple):
    """A value that no operation makes.

    `kind` is input, target, param, const (a fixed array), number (a compile-time scalar: an int, a
    float or a size), or given (what an update rule starts from).
    """

    kind: str
    name: str = ""
    value: Any = None
    integer: bool = False
    frozen: bool = False
    init: tree.Expr | None = None
    declared: tree.Type | None = None


class Origin(NamedTuple):
    """Where a node comes from, for messages and for the comments of the emitted module."""

    statement: tree.Statement | None = None
    span: Span | None = None
    rule: str = ""  # the derivative that a backward node is part of
    remark: str = ""
    form: str = ""  # the stable form that stands for what the user wrote
    backward: bool = False  # derived, not written by the user


class Node(NamedTuple):
    """One value: what makes it, of what, its shape, and the name the user gave it, if any.

    A tuple, for every stage writes the nodes anew, and of tuples that takes the least time.
    """

    key: int
    shape: Shape
    op: Op | None = None
    operands: tuple[int, ...] = ()
    attributes: Attributes = MappingProxyType({})
    leaf: Leaf | None = None
    label: str | None = None
    gradient_of: str | None = None
    origin: Origin = Origin()

    @property
    def number(self) -> int | float | Dim | None:
        """The value, if it is a compile-time scalar."""
        return self.leaf.value if self.leaf is not None and self.leaf.kind == "number" else None

    @property
    def sloped(self) -> tuple[int, ...]:
        """The operands that a gradient goes to."""
        if self.op is None or not self.op.flat:
            return self.operands
        pairs = zip(self.op.names, self.operands, strict=True)
        return tuple(operand for name, operand in pairs if name not in self.op.flat)

    @property
    def trained(self) -> bool:
        """Whether it is a parameter that is learnt."""
        return self.leaf is not None and self.leaf.kind == "param" and not self.leaf.frozen

    @property
    def drawn(self) -> bool:
        """Whether it is made of random numbers alone."""
        return self.op is not None and self.op.drawn

    @property
    def kind(self) -> str:
        """The leaf's kind, or the operation's name."""
        return self.leaf.kind if self.leaf is not None else self.op.name if self.op else ""


@dataclass(frozen=True)
class Settings:
    """What a model file says beside its graph."""

    name: str
    dtype: str
    source: str
    digest: str
    optimizer: tree.Optimizer | None = None
    updates: Mapping[str, tree.Definition] = field(default_factory=dict)
    train: Mapping[str, int | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """Nodes in topological order; each is joined to those that read it."""

    known: Mapping[int, Node]  # by key
    settings: Settings
    outputs: Mapping[str, int] = field(default_factory=dict)
    loss: int | None = None
    gradients: Mapping[str, int] = field(default_factory=dict)
    tracked: Mapping[str, int] = field(default_factory=dict)  # frozen parameters after a step
    left_out: tuple[str, ...] = ()  # the rules of what does nothing here

    @staticmethod
    def of(nodes: Iterable[Node], settings: Settings, **roots: Any) -> Graph:
        """The frozen graph of nodes that are given in a topological order."""
        return Graph({node.key: node for node in nodes}, settings, **roots)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(self.known.values())

    @cached_property
    def net(self) -> nx.DiGraph:
        """Keys, and an edge from each value to its readers; made at the first question for them."""
        net = nx.DiGraph()
        net.add_nodes_from(self.known)
        net.add_edges_from((one, node.key) for node in self.nodes for one in node.operands)
        return nx.freeze(net)

    @cached_property
    def inlined(self) -> frozenset[int]:
        """The values without a statement: views, numbers, and scalars computed of numbers."""
        return frozenset(node.key for node in self.nodes if self._spelt(node))

    def _spelt(self, node: Node) -> bool:
        if node.op is None:
            return node.number is not None
        scalar = not node.shape and node.op.elementwise
        numbers = scalar and all(self[one].number is not None for one in node.operands)
        return node.op.view or numbers

    @cached_property
    def sources(self) -> Mapping[int, tuple[int, ...]]:
        """What has a statement, or is a leaf, and stands behind each value: itself, if it has."""
        found: dict[int, tuple[int, ...]] = {}
        for node in self.nodes:
            found[node.key] = (node.key,)
            if node.key in self.inlined:
                view = node.op is not None and node.op.view
                found[node.key] = found[node.operands[0]] if view else ()
        return found

    @cached_property
    def shapes(self) -> Mapping[int, tuple[Shape, ...]]:
        """The shapes of each node's operands."""
        known = self.known
        return {
            node.key: tuple([known[operand].shape for operand in node.operands])
            for node in self.nodes
        }

    @cached_property
    def reads(self) -> Mapping[int, tuple[int, ...]]:
        """The values that each node's statement reads."""
        sources = self.sources
        return {
            node.key: tuple([one for key in node.operands for one in sources[key]])
            for node in self.nodes
        }

    def __getitem__(self, key: int) -> Node:
        return self.known[key]

    def readers(self, key: int) -> list[int]:
        """The nodes that read a value, each once."""
        return self._readers[key]

    @cached_property
    def _readers(self) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = {key: [] for key in self.known}
        for node in self.nodes:
            for operand in dict.fromkeys(node.operands):
                found[operand].append(node.key)
        return found

    @property
    def roots(self) -> list[int]:
        """What must be computed."""
        loss = [] if self.loss is None else [self.loss]
        return [*self.outputs.values(), *loss, *self.gradients.values(), *self.tracked.values()]

    def before(self, keys: Iterable[int], *, sloped: bool = False) -> set[int]:
        """The nodes on which any of `keys` depends, themselves included.

        `sloped` leaves out those that no gradient goes to.
        """
        found = set(keys)
        todo = list(found)
        while todo:
            node = self.known[todo.pop()]
            for operand in node.sloped if sloped else node.operands:
                if operand not in found:
                    found.add(operand)
                    todo.append(operand)
        return found

    def learnt(self, *, sloped: bool = False) -> set[int]:
        """The values that a trained parameter has a part in; `sloped`, on a gradient's way."""
        found: set[int] = set()
        for node in self.nodes:
            if node.trained or not found.isdisjoint(node.sloped if sloped else node.operands):
                found.add(node.key)
        return found

    def leaves(self, *kinds: str) -> list[Node]:
        """The leaves of some kinds, as declared."""
        return [node for node in self.nodes if node.leaf is not None and node.leaf.kind in kinds]


def inline(node: Node, graph: Graph) -> bool:
    """Whether a value has no statement: its readers spell it out."""
    return node.key in graph.inlined


def behind(key: int, graph: Graph) -> Sequence[int]:
    """The values that have a statement or are leaves, of which an inline value is made."""
    return graph.sources[key]


def shapes_of(node: Node, graph: Graph) -> tuple[Shape, ...]:
    """The shapes of a node's operands."""
    return graph.shapes[node.key]


def operands(node: Node, graph: Graph) -> Sequence[int]:
    """The values that a node's statement reads."""
    return graph.reads[node.key]


def overwrites(node: Node, key: int, graph: Graph) -> bool:
    """Whether a statement may write its result over what it reads of `key`, by that name alone."""
    assert node.op is not None
    names = [name for name, one in zip(node.op.names, node.operands, strict=True) if one == key]
    direct = operands(node, graph).count(key) == len(names) > 0
    return direct and set(names) <= {*node.op.overwritten}

"""graph -> graph: simplified to a fixed point; definitions spelt out, equal values shared."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Sequence
from typing import Any

from graphc.book import book
from graphc.dataflow import Graph, Node
from graphc.dims import Dim
from graphc.draft import Draft
from graphc.op import Attributes, Op
from graphc.rewrites import RULES
from graphc.rewrites.pads import flatten

LEAVES = ("input", "target", "param")
Rules = Sequence[Callable[["Simplifier", Node], int | None]]


class Simplifier(Draft):
    """A draft that simplifies each node as it is added, and never holds two equal ones."""

    def __init__(self, dtype: str, labels: Container[str], rules: Rules = RULES) -> None:
        super().__init__()
        self.rules = rules
        self.dtype = dtype
        self.labels = labels  # what the user named
        self.shared: dict[Hashable, int] = {}
        self.constants: set[int] = set()
        self.joined: set[int] = set()  # joins that may be joins of joins until the pass ends
        self.settled: set[int] = set()  # made of settled values, and as simple as it gets

    def number(self, value: float | Dim) -> int:
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            value = int(value)
        node = self.scalar(value)
        return self._once(("number", node.number), node)

    def add(self, op: Op, operands: Iterable[int], attributes: Attributes) -> int:
        node = self.made(op, tuple(operands), attributes)
        if (value := node.number) is not None:
            return self.number(value)
        assert node.op is not None
        for rule in self.rules:
            key = rule(self, node)
            if key is not None:
                return key
        return self.keep(node)

    def keep(self, node: Node) -> int:
        """Takes in a node that no rule changes, unless there is an equal one."""
        assert node.op is not None
        attributes = tuple(sorted(node.attributes.items())) if node.attributes else ()
        identity = None if node.drawn else (node.op.name, node.operands, attributes)
        return self._once(identity, node)

    def _once(self, identity: Hashable, node: Node) -> int:
        key = self.shared.get(identity) if identity is not None else None
        if key is None:
            key = self.place(node)
            if identity is not None:
                self.shared[identity] = key
            if self.settled.issuperset(node.operands):
                self.settled.add(key)
        return key

    def place(self, node: Node) -> int:
        key = super().place(node)
        scalar = not node.shape and self.constants.issuperset(node.operands)
        if scalar and (node.leaf.kind in {"number", "given"} if node.leaf else not node.drawn):
            self.constants.add(key)
        return key

    def constant(self, key: int) -> bool:
        """Whether a value is a scalar that no array has a part in."""
        return key in self.constants


def simplify(graph: Graph, rules: Rules = RULES) -> Graph:
    """The same values by less work, by all rules or some; every gradient in a node of its own."""
    size, settled = -1, set[int]()
    while size != len(graph.nodes) and not settled.issuperset(graph.known):
        size = len(graph.nodes)
        graph, settled = _pass(graph, settled, rules)
    return graph


def _pass(graph: Graph, settled: set[int], rules: Rules) -> tuple[Graph, set[int]]:
    """The graph simplified once, where it is not settled, and what no further pass will change."""
    labels = {node.label for node in graph.nodes if node.label}
    draft = Simplifier(graph.settings.dtype, labels, rules)
    place: dict[int, int] = {}
    for node in graph.nodes:
        draft.origin = node.origin
        if node.op is None:
            key = draft.place(node) if node.number is None else draft.number(node.number)
            draft.settled.add(key)
            place[node.key] = key
            continue
        operands = tuple(place[one] for one in node.operands)
        if node.key in settled:
            key = draft.keep(node._replace(operands=operands))
        else:
            key = draft.add(node.op, operands, node.attributes)
        place[node.key] = key
        if node.label or node.gradient_of:
            _carry(draft, key, node)
    flatten(draft, [place[key] for key in graph.roots])
    gradients = _own(draft, {name: place[key] for name, key in graph.gradients.items()}, graph)
    outputs = {name: _array(draft, place[key]) for name, key in graph.outputs.items()}
    roots: dict[str, Any] = {
        "outputs": outputs,
        "loss": None if graph.loss is None else place[graph.loss],
        "gradients": gradients,
        "left_out": graph.left_out,
    }
    whole = Graph.of(draft.nodes.values(), graph.settings, **roots)
    if graph.tracked:
        tracked = {name: place[key] for name, key in graph.tracked.items()}
        roots["tracked"] = _apart(draft, tracked, whole.before(whole.roots))
        whole = Graph.of(draft.nodes.values(), graph.settings, **roots)
    kept = whole.before(whole.roots) | {node.key for node in whole.leaves(*LEAVES)}
    nodes = [node for node in whole.nodes if node.key in kept]
    return Graph.of(nodes, graph.settings, **roots), draft.settled - draft.joined


def _carry(draft: Draft, key: int, old: Node) -> None:
    """Gives the new node the name of the old one, unless it has one."""
    node = draft[key]
    if node.op is None:
        return
    if old.label and not node.label:
        node = node._replace(label=old.label)
    if old.gradient_of and not node.gradient_of and node.origin.backward:
        node = node._replace(gradient_of=old.gradient_of)
    draft.nodes[key] = node


def _array(draft: Simplifier, key: int) -> int:
    """An output as a node with an array: neither data nor a view nor a number."""
    node = draft[key]
    if _stated(draft, key):
        return key
    copy = Node(-1, node.shape, book().roles["spread"], (key,), {"shape": node.shape})
    return draft.place(copy._replace(origin=node.origin))


def _stated(draft: Simplifier, key: int) -> bool:
    """Whether a value is computed by a statement of its own."""
    op = draft[key].op
    return op is not None and not op.view and not draft.constant(key)


def _own(draft: Simplifier, gradients: dict[str, int], graph: Graph) -> dict[str, int]:
    """Each parameter's gradient in a node of its own: it has a place in the flat vector."""
    shapes = {n.leaf.name: n.shape for n in graph.leaves("param") if n.leaf is not None}
    spread = book().roles["spread"]
    taken: set[int] = set()
    found = {}
    # in the order of the chain rule, last value first
    for name, key in sorted(gradients.items(), key=lambda item: graph.gradients[item[0]]):
        free = _stated(draft, key) and draft[key].origin.backward
        if not free or key in taken:
            draft.origin = graph[graph.gradients[name]].origin
            copy = Node(-1, shapes[name], spread, (key,), {"shape": shapes[name]})
            key = draft.place(copy._replace(gradient_of=name, origin=draft.origin))
        taken.add(key)
        found[name] = key
    return {name: found[name] for name in gradients}


def _apart(draft: Simplifier, tracked: dict[str, int], others: set[int]) -> dict[str, int]:
    """Each value after a step in a node that nothing else reads: it has a parameter's place."""
    spread = book().roles["spread"]
    found = {}
    for name, key in tracked.items():
        node = draft[key]
        if key in others or not _stated(draft, key):
            copy = Node(-1, node.shape, spread, (key,), {"shape": node.shape})
            key = draft.place(copy._replace(origin=node.origin))
        found[name] = key
    return found

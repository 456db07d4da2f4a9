"""The backward pass once more, as a textbook has it: every reader's part is kept apart.

It is the compiler's own sweep over the compiler's own rules. Three things differ: where a rule has
a form that is taught, that one is taken; what is simplified afterwards is not spelt out into what
NumPy has, so that `softmax(z)` stays one; and a number that the user named stays that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from graphc.book import book
from graphc.dataflow import Graph, Leaf, Node
from graphc.gradient import Reverse
from graphc.initial import Start
from graphc.op import Attributes, Op
from graphc.rewrite import simplify
from graphc.rewrites import RULES, expand
from graphc.spelling import Spelling

SIMPLER = tuple(rule for rule in RULES if rule is not expand.rewrite)


@dataclass(frozen=True)
class Swept:
    """A model whose gradients are derived, and where in the graph everything went.

    Keys of values are those of `forward`; `at`, `totals` and `parts` lead from them to `whole`.
    """

    forward: Graph  # in which each value knows what reads it
    whole: Graph  # forward and backward, simplified
    at: Mapping[int, int]
    totals: Mapping[int, int]  # the gradient of a value
    slopes: Mapping[int, int]  # what stands for the gradient of a value that has a name
    parts: Mapping[int, tuple[tuple[int, int], ...]]  # by reader, what it is the sum of
    place: Mapping[int, int]  # from keys of the graph that the user wrote to those of `forward`
    taught: Mapping[int, str]  # operations whose slope is told in another form, by node


@cache
def _taught(op: Op) -> Op:
    """The operation with the derivative that is taught, if there is one beside its own."""
    return replace(op, adjoint=op.taught) if op.taught else op


class _Copied(Spelling):
    """A spelling of the forward pass; what rules are made of afterwards stays as they call it."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self.back = False

    def add(self, op: Op, operands: Iterable[int], attributes: Attributes) -> int:
        if self.back and not op.hidden:
            return self.place(self.made(op, tuple(operands), attributes))
        return super().add(op, operands, attributes)


class _Parted(Reverse):
    """A sweep that remembers what each reader sent back."""

    def __init__(self, draft: Spelling, graph: Graph, loss: int) -> None:
        super().__init__(draft, graph, loss)
        self.parts: dict[int, list[tuple[int, int]]] = {}
        self.slopes: dict[int, int] = {}
        self.taught: dict[int, str] = {}
        self.reader = loss

    def through(self, node: Node, op: Op, total: int) -> None:
        self.reader = node.key
        if op.taught:
            self.taught[node.key] = op.name
        if node.label:  # a formula reads the gradient by its name, and is not simplified past it
            leaf = Leaf("input", f"d{node.label}")
            total = self.slopes[node.key] = self.draft.place(Node(-1, node.shape, leaf=leaf))
        super().through(node, _taught(op), total)

    def send(self, operand: int, part: int) -> None:
        part = self.fitted(part, self.draft[operand].shape)
        self.parts.setdefault(operand, []).append((self.reader, part))
        super().send(operand, part)


def _kept(graph: Graph) -> Graph:
    """The graph with each number that has a name as an array, which no formula is simplified by.

    But for parts of powers, whose slopes are simple only of a known base or exponent.
    """
    power = book().symbols["**"]
    parts = {key for node in graph.nodes if node.op is power for key in node.operands}
    known = dict(graph.known)
    for node in graph.nodes:
        leaf = node.leaf
        if leaf and leaf.kind == "number" and leaf.name and node.key not in parts:
            start = Start("constant", (leaf.value,), shape=())
            known[node.key] = node._replace(leaf=Leaf("const", leaf.name, start))
    return replace(graph, known=known)


def swept(graph: Graph) -> Swept:
    """The derivation of a checked model that has its stable forms; it has a loss."""
    graph = _kept(graph)
    assert graph.loss is not None
    draft = _Copied(graph)
    place = draft.copy(graph)
    draft.back = True
    forward = Graph.of(list(draft.nodes.values()), graph.settings, loss=place[graph.loss])
    sweep = _Parted(draft, graph, place[graph.loss])
    sweep.run()
    roots = {f"at {key}": key for key in forward.known}
    roots |= {f"total {key}": total for key, total in sweep.totals.items()}
    roots |= {f"slope {key}": slope for key, slope in sweep.slopes.items()}
    for key, parts in sweep.parts.items():
        roots |= {f"part {place} {key}": part for place, (_, part) in enumerate(parts)}
    whole = Graph.of(draft.nodes.values(), graph.settings, tracked=roots, loss=place[graph.loss])
    whole = simplify(whole, SIMPLER)
    found = whole.tracked
    return Swept(
        forward,
        whole,
        {key: found[f"at {key}"] for key in forward.known},
        {key: found[f"total {key}"] for key in sweep.totals},
        {key: found[f"slope {key}"] for key in sweep.slopes},
        {
            key: tuple((reader, found[f"part {n} {key}"]) for n, (reader, _) in enumerate(parts))
            for key, parts in sweep.parts.items()
        },
        place,
        sweep.taught,
    )

"""graph -> graph: forms that lose precision are replaced by those that keep it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from graphc.book import book
from graphc.dataflow import Graph, Node
from graphc.draft import Draft
from graphc.explaining import lettered
from graphc.language import parse_identity
from graphc.op import Op
from graphc.patterns import Match, Values
from graphc.rules import Scope
from graphc.tree import Expr


@dataclass(frozen=True)
class Form:
    """A form that a value has, what is computed instead, and what its names stand for."""

    text: str
    right: Expr
    match: Match


def stabilise(graph: Graph) -> Graph:
    """The graph with every stable form put in. Only the reader changes: what has a name is kept."""
    draft = Draft()
    place: dict[int, int] = {}
    labels = {node.label for node in graph.nodes if node.label}
    for node in graph.nodes:
        mine = node._replace(operands=tuple(place[key] for key in node.operands))
        form = form_of(draft, mine)
        if form is None:
            place[node.key] = draft.place(mine)
            continue
        shown = lettered(form.text, list(form.match.found), labels)
        draft.origin = node.origin._replace(form=shown)
        match = form.match
        scope = Scope(draft, match.found, match.attributes, {}, graph.settings.dtype)
        key = place[node.key] = scope.build(form.right)
        draft.nodes[key] = draft[key]._replace(label=node.label)
    outputs = {name: place[key] for name, key in graph.outputs.items()}
    loss = None if graph.loss is None else place[graph.loss]
    whole = Graph.of(draft.nodes.values(), graph.settings, outputs=outputs, loss=loss)
    named = [node.key for node in whole.nodes if node.label or node.leaf]
    kept = whole.before([*whole.roots, *named])
    nodes = [node for node in whole.nodes if node.key in kept]
    return Graph.of(nodes, graph.settings, outputs=outputs, loss=loss)


def form_of(values: Values, node: Node) -> Form | None:
    """The first form with a stable one that a node has, or None."""
    if node.op is None:
        return None
    for text, left, right in _forms(node.op):
        match = Match(values)
        if match.of(left, node):
            return Form(text, right, match)
    return None


@cache
def _forms(op: Op) -> list[tuple[str, Expr, Expr]]:
    return [(text, *parse_identity(text)) for text in book()[op.name].stable]

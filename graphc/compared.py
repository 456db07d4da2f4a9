"""What a loss compares with what: outputs with the data that they are to be like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from graphc.dataflow import Graph, Node
from graphc.dims import size
from graphc.integers import classes
from graphc.language import parse_identity
from graphc.op import Op
from graphc.patterns import Match
from graphc.tree import Expr

# How losses are written, for a prediction p and the data y, and what such a p is.
FORMS = {
    "error(p, y)": "values",
    "error(y, p)": "values",
    "p - y": "values",
    "y - p": "values",
    "log_loss(p, y)": "probabilities",
    "y * log(p)": "probabilities",
    "log(p) * y": "probabilities",
    "sigmoid_cross_entropy(p, y)": "logits",
    "softmax_cross_entropy(p, y)": "scores",
    "y * log_softmax(p)": "scores",
    "log_softmax(p) * y": "scores",
}
UNSQUASHED = {"logits": "probabilities", "scores": "scores"}  # and what they are if squashed
MEAN = "mean(p)"


@dataclass(frozen=True)
class Comparison:
    """An output that the loss compares with a target or an input.

    The output holds `values` as the data does, `probabilities` (of a decision each, or of classes
    along the last axis), `logits` of a decision each, or `scores` of classes, the largest of which
    wins. It is what the loss reads, or that before or after it was squashed. `alone` says whether
    the loss is the mean of this comparison and nothing else.
    """

    output: str
    data: str
    holds: str
    alone: bool


def compared(graph: Graph) -> tuple[Comparison, ...]:
    """The first comparison for each target, in a graph of `shapes`; for inputs if there is none.

    A target of classes is also compared with an output that has a score for each of them.
    """
    if graph.loss is None:
        return ()
    before, found = graph.before([graph.loss]), dict[str, Comparison]()
    mean = _names(graph, MEAN, graph[graph.loss]).get("p")
    leaves = {node.key: node for node in graph.leaves("target", "input")}
    for node in graph.nodes:
        for prediction, data, holds in _read(graph, node) if node.key in before else ():
            leaf = leaves.get(_source(graph, data))
            if leaf is not None and leaf.leaf is not None:
                for output, kind in _shown(graph, prediction, holds):
                    one = Comparison(output, leaf.leaf.name, kind, node.key == mean)
                    if leaf.leaf.integer or _alike(graph[graph.outputs[output]], leaf):
                        found.setdefault(one.data, one)
    for one in _scored(graph):
        found.setdefault(one.data, one)
    for kind in ("target", "input"):
        names = [node.leaf.name for node in graph.leaves(kind) if node.leaf is not None]
        if some := tuple(found[name] for name in names if name in found):
            return some
    return ()


def _scored(graph: Graph) -> Iterator[Comparison]:
    """Targets of classes, each with the outputs of its shape and one axis more, for the classes."""
    for node in graph.leaves("target"):
        for name, key in graph.outputs.items() if node.leaf and node.leaf.integer else ():
            shape = graph[key].shape
            count = shape[-1].known if shape else None
            if shape[:-1] == node.shape and count == (classes(graph, node) or max(count or 2, 2)):
                yield Comparison(name, node.leaf.name if node.leaf else "", "scores", False)


def _read(graph: Graph, node: Node) -> Iterator[tuple[int, int, str]]:
    """The prediction, the data and what the prediction is, for each form that a node has."""
    for form, holds in FORMS.items():
        if match := _names(graph, form, node):
            yield match["p"], match["y"], holds


def _shown(graph: Graph, prediction: int, holds: str) -> Iterator[tuple[str, str]]:
    """The outputs that show a prediction, and what they hold."""
    mine = _source(graph, prediction)
    before, squashing = _squashed(graph, mine)
    for name, key in graph.outputs.items():
        its = _source(graph, key)
        if its == mine:
            yield name, "probabilities" if holds == "values" and squashing else holds
        elif _squashed(graph, its)[0] == mine and holds in UNSQUASHED:
            yield name, UNSQUASHED[holds]
        elif its == before and squashing:
            # a softmax has an axis, a sigmoid has none
            yield name, "scores" if squashing.attributes else "logits"


def _squashed(graph: Graph, key: int) -> tuple[int | None, Op | None]:
    """What a value is the squashed form of, and of which operation, if it is one."""
    op = graph[key].op
    squashed = op is not None and op.squashes
    return (_source(graph, graph[key].operands[0]), op) if squashed else (None, None)


def _source(graph: Graph, key: int) -> int:
    """What a value has its elements from, in their order."""
    node = graph[key]
    while node.op is not None and node.op.view and node.op.role != "permute":
        behind = graph[node.operands[0]]
        if not _alike(behind, node):
            break
        node = behind
    return node.key


def _alike(one: Node, other: Node) -> bool:
    """Whether two values have equally many elements."""
    return size(one.shape) == size(other.shape)


def _names(graph: Graph, form: str, node: Node) -> dict[str, int]:
    """What the names of a form stand for in a node; nothing if it does not have it."""
    match = Match(graph)
    return match.found if node.op is not None and match.of(_parsed(form), node) else {}


@cache
def _parsed(form: str) -> Expr:
    return parse_identity(f"{form} = p")[0]

"""Which values are one node of a picture, and in which box each is: by the calls it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from graphc.dataflow import Graph, Node
from graphc.drawn.picture import Chain
from graphc.library import REPEAT
from graphc.source import Span

DEFINED = re.compile(r"(?m)^block (\w+)")


def call(span: Span) -> tuple[str, int, int, int]:
    """What tells one call from another."""
    return span.source.name, span.start, span.end, span.turn


def shared(chains: Iterable[Chain]) -> Chain:
    """The innermost box that is around all."""
    first, *rest = chains
    length = len(first)
    for one in rest:
        same = (a == b for a, b in zip(first[:length], one, strict=False))
        length = next(
            (place for place, equal in enumerate(same) if not equal), min(length, len(one))
        )
    return first[:length]


def word(span: Span) -> str:
    """The name that a call calls."""
    found = re.match(r"[\w.]+", span.text)
    return found[0] if found else ""


def numbered(label: str, called: str) -> bool:
    """Whether a value is named by the compiler, after the block that gives it: `dense1`."""
    return not label or bool(re.fullmatch(rf"(.*\.)?({called}|{REPEAT})\d+(\.\d+)?", label))


def chains(graph: Graph) -> tuple[dict[int, Chain], dict[Chain, Span]]:
    """The box of every value, and the call that each box stands for.

    A parameter that several boxes share stands outside of all of them.
    """
    place: dict[int, Chain] = {}
    calls: dict[Chain, Span] = {}
    for node in graph.nodes:
        spans = node.origin.span.calls if node.origin.span else []
        place[node.key] = tuple(map(call, spans))
        if node.op is not None:
            calls |= {place[node.key][: at + 1]: span for at, span in enumerate(spans)}
    for node in graph.nodes:
        if node.op is None:
            readers = [place[key] for key in graph.readers(node.key)]
            home = shared([place[node.key], *readers])
            while home and home not in calls:
                home = home[:-1]
            place[node.key] = home
    return place, calls


def groups(graph: Graph, place: Mapping[int, Chain]) -> dict[int, int]:
    """The last value of the node that each computed value is drawn in.

    What has no name and one reader is drawn with its reader, as on one line of text; but a product
    of a product is drawn in two steps.
    """
    kept = {*graph.outputs.values(), graph.loss}
    joined: dict[int, int] = {}
    weighty: set[int] = set()
    for node in graph.nodes:
        if node.op is None:
            continue
        heavy, weighs = _heavy(node, graph), False
        for key in dict.fromkeys(node.operands):
            one = graph[key]
            alone = one.op is not None and not one.label and key not in kept
            alone = alone and graph.readers(key) == [node.key] and place[key] == place[node.key]
            if alone and not (heavy and key in weighty):
                joined[key] = node.key
                weighs = weighs or key in weighty
        if heavy or weighs:
            weighty.add(node.key)
    last: dict[int, int] = {}
    for node in reversed(graph.nodes):
        if node.op is not None:
            last[node.key] = last[joined[node.key]] if node.key in joined else node.key
    return last


def _heavy(node: Node, graph: Graph) -> bool:
    """Whether it mixes elements of several arrays, as a product of matrices does."""
    assert node.op is not None
    arrays = [key for key in node.operands if graph[key].number is None]
    return len(arrays) > 1 and not node.op.elementwise


def definition(inner: Span) -> str:
    """The name of the block in whose text a span is."""
    found = DEFINED.findall(inner.source.text, 0, inner.start)
    return found[-1] if found else ""

"""The order of statements, among those that read equally well, that needs the least memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from graphc.dataflow import Graph, operands
from graphc.dims import size
from graphc.rooms import typical

MOST = 50  # statements of one line of the model that are ordered anew


def frugal(
    graph: Graph, order: Sequence[int], kept: Collection[int], placed: Collection[int]
) -> list[int]:
    """The statements of a function, those of one line of the model in the order that frees first.

    What is `kept` is read later; what is `placed` has an array that is there anyway.
    """
    readers = Counter(one for key in order for one in set(operands(graph[key], graph)))
    readers.update(kept)
    found: list[int] = []
    for _, run in groupby(order, key=lambda key: id(graph[key].origin.statement)):
        line = list(run)
        found += _ordered(graph, line, readers, placed) if len(line) <= MOST else line
        for key in line if len(line) > MOST else ():
            readers.subtract(set(operands(graph[key], graph)))
    return found


def _ordered(
    graph: Graph, line: list[int], readers: Counter[int], placed: Collection[int]
) -> Iterator[int]:
    waiting = dict.fromkeys(line)
    while waiting:
        ready = [key for key in waiting if waiting.keys().isdisjoint(operands(graph[key], graph))]
        key = ready[0]
        if len(ready) > 1 and _growth(graph, key, readers, placed) > 0:
            growth = {one: _growth(graph, one, readers, placed) for one in ready}
            least = min(ready, key=growth.__getitem__)
            key = least if growth[least] < 0 else key
        readers.subtract(set(operands(graph[key], graph)))
        del waiting[key]
        yield key


def _growth(graph: Graph, key: int, readers: Counter[int], placed: Collection[int]) -> int:
    """How many numbers more are held after a statement than before it."""
    node = graph[key]
    made = 0 if key in placed else typical(size(node.shape))
    ending = [one for one in set(operands(node, graph)) if readers[one] == 1]
    return made - sum(typical(size(graph[one].shape)) for one in ending if graph[one].op)

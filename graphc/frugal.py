"""The order of statements, among those that read equally well, that needs the least memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from graphc.dataflow import Graph, operands
from graphc.dims import size
from graphc.free import typical

MOST = 50  # statements of one line of the model that are ordered anew


def frugal(
    graph: Graph, order: Sequence[int], kept: Collection[int], placed: Collection[int]
) -> list[int]:
    """The statements of a function, those of one line of the model in the order that frees first.

    What is `kept` is read later; what is `placed` has an array that is there anyway.
    """
    read = {key: set(operands(graph[key], graph)) for key in order}
    readers = Counter(one for key in order for one in read[key])
    readers.update(kept)
    found: list[int] = []
    for _, run in groupby(order, key=lambda key: id(graph[key].origin.statement)):
        line = list(run)
        if 1 < len(line) <= MOST:
            line = _ordered(graph, line, read, readers, placed)
        else:
            for one in (one for key in line for one in read[key]):
                readers[one] -= 1
        found += line
    return found


def _ordered(
    graph: Graph,
    line: list[int],
    read: Mapping[int, set[int]],
    readers: Counter[int],
    placed: Collection[int],
) -> list[int]:
    found: list[int] = []
    waiting = dict.fromkeys(line)

    def growth(key: int) -> int:
        """How many numbers more are held after a statement than before it."""
        made = 0 if key in placed else typical(size(graph[key].shape))
        ending = [one for one in read[key] if readers[one] == 1]
        return made - sum(typical(size(graph[one].shape)) for one in ending if graph[one].op)

    while waiting:
        ready = [key for key in waiting if waiting.keys().isdisjoint(read[key])]
        key = ready[0]
        if len(ready) > 1 and growth(key) > 0:
            least = min(ready, key=growth)
            key = least if growth(least) < 0 else key
        for one in read[key]:
            readers[one] -= 1
        del waiting[key]
        found.append(key)
    return found

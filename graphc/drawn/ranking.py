"""Columns, order and heights: where the layers of a picture put what they hold.

As in Sugiyama, Tagawa and Toda (1981): each item is in the column of its longest path; an edge over
several columns has a place of its own in each, which all edges of one value share; in a column, the
order is that of the neighbours' middles, and the heights are nearest to theirs (least squares).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import networkx as nx

from graphc.drawn.picture import Item, Level

GAP = 22.0  # between what stands above one another
SWEEPS = 24
LEAVES = ("param", "frozen", "const", "target")


@dataclass
class Point:
    """What has a place in a column: an item, or an edge that passes."""

    name: str
    column: int
    width: float
    height: float
    item: Item | None = None
    ports: dict[str, float] = field(default_factory=dict)  # of an open box, below its middle
    y: float = 0.0  # of the middle

    def port(self, value: int, leaving: bool) -> float:
        """How far below the middle an edge of a value meets it."""
        return self.ports.get(f"{'out' if leaving else 'in'}{value}", 0.0)


def columns_of(level: Level) -> dict[str, int]:
    """The column of each item; what nothing leads to stands just before its first reader."""
    net: nx.DiGraph = nx.DiGraph()
    net.add_nodes_from(level.items)
    net.add_edges_from((edge.start, edge.end) for edge in level.edges)
    found = {key: at for at, row in enumerate(nx.topological_generations(net)) for key in row}
    last = max(found.values(), default=0)
    for key, item in level.items.items():
        near = not net.in_degree(key) and item.kind not in ("port", "input")
        if near and (readers := [found[one] for one in net.successors(key)]):
            found[key] = min(readers) - 1
        if key == "loss" or (item.kind == "port" and net.in_degree(key)):
            found[key] = last
    return found


@dataclass(frozen=True)
class Link:
    """An edge from a column to the next."""

    start: str
    end: str
    value: int
    back: bool = field(compare=False)


def links_of(level: Level, points: dict[str, Point]) -> list[Link]:
    """The edges cut at each column; what passes a column is added to the points."""
    found: dict[Link, bool] = {}
    for edge, back in level.edges.items():
        before = edge.start
        for column in range(points[edge.start].column + 1, points[edge.end].column + 1):
            name = edge.end
            if column < points[edge.end].column:
                name = f"{edge.start} {edge.value} {column}"
                points.setdefault(name, Point(name, column, 0.0, 14.0))
            link = Link(before, name, edge.value, back > 0)
            found[link] = found.get(link, False) or back > 0
            before = name
    return [Link(one.start, one.end, one.value, back) for one, back in found.items()]


def ordered(points: dict[str, Point], links: list[Link]) -> list[list[str]]:
    """The order in each column, by the middles of the neighbours, of the tries the best."""
    columns: list[list[str]] = [
        [] for _ in range(1 + max((one.column for one in points.values()), default=0))
    ]
    right, left = defaultdict(list), defaultdict(list)
    for link in links:
        right[link.start].append(link.end)
        left[link.end].append(link.start)
    for point in points.values():
        columns[point.column].append(point.name)
    best, fewest = [*columns], _crossings(columns, links)
    spot = {name: i for column in columns for i, name in enumerate(column)}
    for sweep in range(SWEEPS):
        ahead = sweep % 2 == 0
        near = left if ahead else right
        for at in range(len(columns)) if ahead else reversed(range(len(columns))):
            middle = {
                name: sum(spot[one] for one in near[name]) / len(near[name])
                if near[name]
                else spot[name]
                for name in columns[at]
            }
            columns[at] = sorted(columns[at], key=middle.__getitem__)
            spot |= {name: i for i, name in enumerate(columns[at])}
        if (crossings := _crossings(columns, links)) < fewest:
            best, fewest = [*columns], crossings
    return best


def _crossings(columns: list[list[str]], links: list[Link]) -> int:
    spot = {name: (at, i) for at, column in enumerate(columns) for i, name in enumerate(column)}
    by_column: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for link in links:
        by_column[spot[link.start][0]].append((spot[link.start][1], spot[link.end][1]))
    count = 0
    for pairs in by_column.values():
        ends: list[int] = []
        for _, end in sorted(pairs):
            count += sum(one > end for one in ends)
            ends.append(end)
    return count


def set_heights(order: list[list[str]], points: dict[str, Point], links: list[Link]) -> None:
    """Gives each point its y: as near to its neighbours as the order and the gaps allow."""
    before: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    behind: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    for link in links:
        start, end = points[link.start], points[link.end]
        shift = start.port(link.value, True) - end.port(link.value, False)
        passing = (start.item is None) + (end.item is None)
        leaf = start.item is not None and start.item.kind in LEAVES
        weight = 0.0005 if leaf else (1.0, 2.0, 8.0)[passing]
        before[link.end].append((link.start, shift, weight))
        behind[link.start].append((link.end, -shift, weight))
    for column in order:
        y = 0.0
        for name in column:
            y += points[name].height / 2
            points[name].y = y
            y += points[name].height / 2 + GAP
    for sweep in range(2 * SWEEPS + 1):  # the last one from the left, so that chains are straight
        ahead = sweep % 2 == 0
        for column in order if ahead else reversed(order):
            wishes = []
            for name in column:
                near = (before if ahead else behind)[name] or (behind if ahead else before)[name]
                total = sum(weight for _, _, weight in near)
                wished = sum((points[one].y + shift) * weight for one, shift, weight in near)
                wishes.append((wished / total if near else points[name].y, total or 0.0001))
            _settle([points[name] for name in column], wishes)


def _settle(column: list[Point], wishes: list[tuple[float, float]]) -> None:
    """The heights nearest to what is wished that keep order and gaps (pool adjacent violators)."""
    offsets, below = [], 0.0
    for before, point in zip([None, *column], column, strict=False):
        gap = GAP if before is None or before.item or point.item else GAP / 2
        below += 0.0 if before is None else (before.height + point.height) / 2 + gap
        offsets.append(below)
    pools: list[list[float]] = []  # sum of weighted wishes, weight, count
    for (wish, weight), offset in zip(wishes, offsets, strict=True):
        pools.append([(wish - offset) * weight, weight, 1])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            other = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], other, strict=True)]
    bases = [total / weight for total, weight, count in pools for _ in range(int(count))]
    for point, base, offset in zip(column, bases, offsets, strict=True):
        point.y = base + offset

"""Where everything stands: in columns from left to right, with few crossings and straight edges.

As in Sugiyama, Tagawa and Toda (1981): each item is in the column of its longest path; an edge over
several columns has a place of its own in each, which all edges of one value share; in a column, the
order is that of the neighbours' middles, and the heights are nearest to theirs (least squares).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import networkx as nx

from graphc.drawn.picture import Item, Level

LETTER, LINE = 7.3, 17.0  # of the font for titles
SMALL, SMALL_LINE = 6.1, 13.0
PAD, GAP, BEND = 10.0, 22.0, 34.0
HEAD, EDGE_OF_BOX = 26.0, 16.0
SWEEPS = 24
LEAVES = ("param", "frozen", "const", "target")


@dataclass
class Spot:
    """The rectangle of an item, in the coordinates of the level that it is in."""

    x: float
    y: float
    width: float
    height: float
    inner: Layout | None = None
    dx: float = 0.0  # where the inside begins
    dy: float = 0.0


@dataclass
class Piece:
    """A part of an edge, from one column to the next: level as far as `flat`, then bent."""

    start: tuple[float, float]
    flat: float
    end: tuple[float, float]
    value: int
    first: str  # the item that it leaves, if it does
    last: str  # the item that it reaches
    back: bool


@dataclass
class Layout:
    """The places of a level's items, and the pieces of its edges."""

    level: Level
    width: float = 0.0
    height: float = 0.0
    spots: dict[str, Spot] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)


@dataclass
class _Point:
    """What has a place in a column: an item, or an edge that passes."""

    name: str
    column: int
    width: float
    height: float
    item: Item | None = None
    inner: Layout | None = None
    y: float = 0.0  # of the middle

    def port(self, value: int, leaving: bool) -> float:
        """How far below the middle an edge of a value meets it."""
        if self.inner is None:
            return 0.0
        spot = self.inner.spots.get(f"{'out' if leaving else 'in'}{value}")
        return HEAD + spot.y + spot.height / 2 - self.height / 2 if spot else 0.0


def measure(item: Item) -> tuple[float, float]:
    """The width and height of a closed item."""
    long = [LETTER * len(line) for line in item.title] + [SMALL * len(line) for line in item.small]
    height = LINE * len(item.title) + SMALL_LINE * len(item.small) + PAD + 4
    return max([*long, 20.0]) + 2 * PAD + 4, max(height, 32.0)


def arrange(level: Level, bare: bool = True) -> Layout:
    """The layout of a level; `bare` ports are but the ends of edges."""
    points: dict[str, _Point] = {}
    columns = _columns(level)
    for key, item in level.items.items():
        inner = arrange(item.level) if item.level is not None else None
        width, height = measure(item)
        if inner is not None:
            title = LETTER * sum(map(len, item.title)) + 2 * PAD
            width = max(title, inner.width)
            height = inner.height + HEAD
        elif item.kind == "port" and bare:
            width, height = 2.0, 20.0
        points[key] = _Point(key, columns[key], width, height, item, inner)
    links = _links(level, points)
    order = _order(points, links)
    _heights(order, points, links)
    return _placed(level, order, points, links)


def _columns(level: Level) -> dict[str, int]:
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
class _Link:
    """An edge from a column to the next."""

    start: str
    end: str
    value: int
    back: bool = field(compare=False)


def _links(level: Level, points: dict[str, _Point]) -> list[_Link]:
    """The edges cut at each column; what passes a column is added to the points."""
    found: dict[_Link, bool] = {}
    for edge, back in level.edges.items():
        before = edge.start
        for column in range(points[edge.start].column + 1, points[edge.end].column + 1):
            name = edge.end
            if column < points[edge.end].column:
                name = f"{edge.start} {edge.value} {column}"
                points.setdefault(name, _Point(name, column, 0.0, 14.0))
            link = _Link(before, name, edge.value, back)
            found[link] = found.get(link, False) or back
            before = name
    return [_Link(one.start, one.end, one.value, back) for one, back in found.items()]


def _order(points: dict[str, _Point], links: list[_Link]) -> list[list[str]]:
    """The order in each column, by the middles of the neighbours, of the tries the best."""
    columns: list[list[str]] = [[] for _ in range(1 + max(p.column for p in points.values()))]
    right, left = defaultdict(list), defaultdict(list)
    for link in links:
        right[link.start].append(link.end)
        left[link.end].append(link.start)
    for point in points.values():
        columns[point.column].append(point.name)
    best, fewest = [*columns], _crossings(columns, links)
    for sweep in range(SWEEPS):
        ahead = sweep % 2 == 0
        near = left if ahead else right
        for at in range(len(columns)) if ahead else reversed(range(len(columns))):
            spot = {name: i for column in columns for i, name in enumerate(column)}
            middle = {
                name: sum(spot[one] for one in near[name]) / len(near[name]) if near[name] else spot[name]
                for name in columns[at]
            }
            columns[at] = sorted(columns[at], key=middle.__getitem__)
        if (crossings := _crossings(columns, links)) < fewest:
            best, fewest = [*columns], crossings
    return best


def _crossings(columns: list[list[str]], links: list[_Link]) -> int:
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


def _heights(order: list[list[str]], points: dict[str, _Point], links: list[_Link]) -> None:
    """Gives each point its y: as near to its neighbours as the order and the gaps allow."""
    before: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    behind: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    for link in links:
        start, end = points[link.start], points[link.end]
        shift = start.port(link.value, True) - end.port(link.value, False)
        passing = (start.item is None) + (end.item is None)
        leaf = start.item is not None and start.item.kind in LEAVES
        weight = 0.02 if leaf else (1.0, 2.0, 8.0)[passing]
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
                wishes.append((wished / total if near else points[name].y, total or 0.01))
            _settle([points[name] for name in column], wishes)


def _settle(column: list[_Point], wishes: list[tuple[float, float]]) -> None:
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


def _placed(
    level: Level, order: list[list[str]], points: dict[str, _Point], links: list[_Link]
) -> Layout:
    """Coordinates from the upper left corner, with margins."""
    top = min(point.y - point.height / 2 for point in points.values()) - EDGE_OF_BOX
    layout = Layout(level)
    labels: dict[int, float] = defaultdict(float)
    for link in links:
        start = points[link.start]
        if start.item is not None:
            texts = (level.shapes.get(link.value, ""), level.gradients.get(link.value, ""))
            long = max(map(len, texts)) * SMALL + 14
            labels[start.column] = max(labels[start.column], long, 16.0)
    sides: list[tuple[float, float]] = []
    x = 4.0
    for at, column in enumerate(order):
        width = max(points[name].width for name in column)
        sides.append((x, x + width))
        for name in column:
            point = points[name]
            if point.item is not None:
                place = x + (width - point.width) / 2
                spot = Spot(place, point.y - point.height / 2 - top, point.width, point.height)
                spot.inner, spot.dx, spot.dy = point.inner, (point.width - point.inner.width) / 2 if point.inner else 0, HEAD
                layout.spots[name] = spot
        x += width + (labels[at] + BEND if at + 1 < len(order) else 4.0)
    layout.width = x
    layout.height = max(point.y + point.height / 2 for point in points.values()) - top + EDGE_OF_BOX
    for link in links:
        start, end = points[link.start], points[link.end]
        begin, finish = sides[start.column], sides[end.column][0]
        from_x = layout.spots[link.start].x + start.width if start.item else begin[0]
        to_x = layout.spots[link.end].x if end.item else finish
        piece = Piece(
            (from_x, start.y + start.port(link.value, True) - top),
            begin[1] + labels[start.column],
            (to_x, end.y + end.port(link.value, False) - top),
            link.value,
            link.start if start.item else "",
            link.end if end.item else "",
            link.back,
        )
        layout.pieces.append(piece)
    return layout



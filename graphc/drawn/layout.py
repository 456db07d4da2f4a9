"""Where everything stands: columns from left to right, the inside of open boxes in them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from graphc.drawn.picture import Item, Level
from graphc.drawn.ranking import Link, Point, columns_of, links_of, ordered, set_heights

LETTER, LINE = 7.3, 17.0  # of the font for titles
SMALL, SMALL_LINE = 6.1, 13.0
PAD, BEND = 10.0, 34.0
HEAD, MARGIN = 26.0, 16.0  # of a level: an open box's title, above and below
SIDE = 12.0  # left and right of a level
BARE = 2.0  # the width of a port that is but the end of an edge


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


def measure(item: Item) -> tuple[float, float]:
    """The width and height of a closed item."""
    long = [LETTER * len(line) for line in item.title] + [SMALL * len(line) for line in item.small]
    height = LINE * len(item.title) + SMALL_LINE * len(item.small) + PAD + 4
    return max([*long, 20.0]) + 2 * PAD + 4, max(height, 32.0)


def arrange(level: Level, bare: bool = True) -> Layout:
    """The layout of a level; `bare` ports are but the ends of edges."""
    points: dict[str, Point] = {}
    inside: dict[str, Layout] = {}
    columns = columns_of(level)
    for key, item in level.items.items():
        ports: dict[str, float] = {}
        width, height = measure(item)
        if item.level is not None:
            inner = inside[key] = arrange(item.level)
            width = max(LETTER * len(" ".join(item.title)) + 2 * PAD, inner.width)
            height = inner.height + HEAD
            ports = {
                port: HEAD + spot.y + spot.height / 2 - height / 2
                for port, spot in inner.spots.items()
            }
        elif item.kind == "port" and bare:
            width, height = BARE, 20.0
        points[key] = Point(key, columns[key], width, height, item, ports)
    links = links_of(level, points)
    order = ordered(points, links)
    set_heights(order, points, links)
    return _placed(level, inside, order, points, links)


def _placed(
    level: Level,
    inside: dict[str, Layout],
    order: list[list[str]],
    points: dict[str, Point],
    links: list[Link],
) -> Layout:
    """Coordinates from the upper left corner, with margins."""
    top = min((one.y - one.height / 2 for one in points.values()), default=0.0) - MARGIN
    low = max((one.y + one.height / 2 for one in points.values()), default=0.0) + MARGIN
    layout = Layout(level, height=low - top)
    labels = _labels(level, points, links)
    sides: list[tuple[float, float]] = []
    x = SIDE
    for at, column in enumerate(order):
        width = max((points[name].width for name in column), default=0.0)
        sides.append((x, x + width))
        for name in column:
            point = points[name]
            if point.item is not None:
                place = x + (width - point.width) / 2
                spot = Spot(place, point.y - point.height / 2 - top, point.width, point.height)
                if (inner := inside.get(name)) is not None:
                    spot.inner, spot.dx, spot.dy = inner, (point.width - inner.width) / 2, HEAD
                layout.spots[name] = spot
        x += width + (labels[at] + BEND if at + 1 < len(order) else SIDE)
    layout.width = x
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


def _labels(level: Level, points: dict[str, Point], links: list[Link]) -> dict[int, float]:
    """The room behind each column for what is written on the edges that leave it."""
    sums = level.sums
    room: dict[int, float] = defaultdict(float)
    for link in links:
        start = points[link.start]
        if start.item is not None and points[link.end].width != BARE:
            shape = len(level.shapes.get(link.value, "")) * SMALL + 14
            name = len(level.gradients.get(link.value, "")) * SMALL + 18
            name += 16 * ((link.start, link.value) in sums)
            room[start.column] = max(room[start.column], shape, name)
    return room

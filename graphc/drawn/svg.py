"""A picture as SVG: plain text, with tooltips, for light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.sax.saxutils import escape, quoteattr

from graphc.drawn.layout import (
    BARE,
    BEND,
    LINE,
    PAD,
    SMALL,
    SMALL_LINE,
    Layout,
    Piece,
    Spot,
    arrange,
)
from graphc.drawn.picture import Item, Level, Picture
from graphc.drawn.style import STYLE

Link = Callable[[Item], str]  # where a box leads to, if anywhere
BACK = 8.0  # how far below an edge its gradient comes back


def svg(picture: Picture) -> str:
    """The whole picture, as a file of its own."""
    return standing(picture, figure(picture, picture.top, picture.title, style=STYLE))


def standing(picture: Picture, body: str) -> str:
    """An `svg` element as a file, which says where it comes from."""
    source = picture.source.replace("--", "- -")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {source} -->\n{body}\n'


def figure(
    picture: Picture,
    level: Level,
    title: str,
    *,
    style: str = "",
    head: bool = True,
    link: Link = lambda item: "",
    bare: bool = True,
) -> str:
    """One level with its title (at its `head`) and legend, as an `svg` element."""
    layout = arrange(level, bare)
    legend, legend_height = _legend(picture, level, max(layout.width, 420.0))
    width = max(layout.width + 24, 444.0, 28 + 8.5 * len(title) * head)
    top = 34 if head else 8
    height = layout.height + top + 10 + legend_height
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" {size} role="img">',
        f"<title>{escape(title)}</title>",
        *([f"<style>{style}</style>"] if style else []),
        f'<rect class="paper" width="{width:.0f}" height="{height:.0f}"/>',
        *([f'<text class="head" x="14" y="24">{escape(title)}</text>'] if head else []),
        *_level(layout, 12, top, link),
        f'<g transform="translate(14 {layout.height + top + 10:.1f})">',
        *legend,
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines)


def _level(layout: Layout, x: float, y: float, link: Link) -> Iterator[str]:
    """What is in a level: first the edges, then what stands over their ends."""
    level = layout.level
    for key, spot in layout.spots.items():
        if spot.inner is not None:
            yield from _frame(level.items[key], spot, x, y)
    labelled: set[tuple[str, int]] = set()
    for piece in layout.pieces:
        yield from _edge(layout, piece, x, y)
    for piece in layout.pieces:
        outside = _bare(layout, piece.last)  # written behind the border of the box
        if piece.first and not outside and (piece.first, piece.value) not in labelled:
            labelled.add((piece.first, piece.value))
            yield from _labels(layout, piece, x, y)
    for key, spot in layout.spots.items():
        item = level.items[key]
        if spot.inner is not None:
            yield from _level(spot.inner, x + spot.x + spot.dx, y + spot.y + spot.dy, link)
        elif item.kind != "port" or spot.width > BARE:
            yield from _item(item, spot, x, y, link(item))


def _ends(layout: Layout, piece: Piece, x: float, y: float) -> tuple[float, float, float, float]:
    """Where a piece begins and ends; at the port of an open box, on its border."""
    (ax, ay), (bx, by) = piece.start, piece.end
    if _bare(layout, piece.first):
        ax = 0.0
    if _bare(layout, piece.last):
        bx = layout.width
    return x + ax, y + ay, x + bx, y + by


def _bare(layout: Layout, key: str) -> bool:
    return bool(key) and layout.level.items[key].kind == "port" and layout.spots[key].width <= BARE


def _touches(layout: Layout, key: str) -> bool:
    """Whether an arrow ends at what is called so: not on the border of an open box."""
    return bool(key) and not _bare(layout, key) and layout.spots[key].inner is None


def _edge(layout: Layout, piece: Piece, x: float, y: float) -> Iterator[str]:
    ax, ay, bx, by = _ends(layout, piece, x, y)
    column = min(x + piece.flat + BEND, bx)
    flat, tip = min(x + piece.flat, column), _touches(layout, piece.last)

    def path(down: float, kind: str, short: float) -> str:
        half = (flat + column) / 2
        a, b = ay + down, by + down
        curve = (
            f"C{half:.1f} {a:.1f} {half:.1f} {b:.1f} {column - short * (column == bx):.1f} {b:.1f}"
        )
        way = f"M{ax:.1f} {a:.1f}H{flat:.1f}{curve}H{bx - short:.1f}"
        return f'<path class="{kind}" data-value="{piece.value}" d="{way}"/>'

    yield path(0, "edge", 5.0 if tip else 0.0)
    if tip:
        yield _arrow(bx, by, -8, "tip", piece.value)
    if piece.back:
        yield path(BACK, "back", 0)
        if _touches(layout, piece.first):
            yield _arrow(ax + 1, ay + BACK, 8, "tip returning", piece.value)


def _arrow(x: float, y: float, long: float, kind: str, value: int) -> str:
    way = f"M{x:.1f} {y:.1f}l{long} -3.5v7z"
    return f'<path class="{kind}" data-value="{value}" d="{way}"/>'


def _labels(layout: Layout, piece: Piece, x: float, y: float) -> Iterator[str]:
    """Above an edge the shape, below it what the gradient is called, and the sum, if it is one."""
    ax, ay, _, _ = _ends(layout, piece, x, y)
    level = layout.level
    if _bare(layout, piece.first):
        ax = x + piece.start[0]
    if (shape := level.shapes.get(piece.value, "")) and not _bare(layout, piece.first):
        place = f'data-value="{piece.value}" x="{ax + 7:.1f}" y="{ay - 5:.1f}"'
        yield f'<text class="small" {place}>{escape(shape)}</text>'
    sums = (piece.first, piece.value) in level.sums
    if sums:
        yield _sum(ax + 17, ay + BACK, f' data-value="{piece.value}"')
    if (name := level.gradients.get(piece.value, "")) and not _bare(layout, piece.first):
        place = f'x="{ax + (26 if sums else 11):.1f}" y="{ay + BACK + 12:.1f}"'
        place = f'data-value="{piece.value}" {place}'
        yield f'<text class="small returning" {place}>{escape(name)}</text>'


def _sum(x: float, y: float, name: str = "") -> str:
    """The mark of gradients that add up."""
    mark = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6"/><path d="M{x - 3.5:.1f} {y:.1f}h7m-3.5 -3.5v7"/>'
    )
    return f'<g class="sum"{name}><title>all gradients that come back, added up</title>{mark}</g>'


def _rect(kind: str, x: float, y: float, width: float, height: float, round_: float) -> str:
    size = f'width="{width:.1f}" height="{height:.1f}" rx="{round_:.1f}"'
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" {size}/>'


def _shape(kind: str, x: float, y: float, width: float, height: float) -> str:
    """The form that tells a kind: data and the loss are round, parameters angular."""
    round_ = 7.0
    if kind in ("input", "target", "loss", "port"):
        round_ = min(height / 2, 18.0)
    elif kind in ("param", "frozen", "const"):
        round_ = 0.0
    text = _rect(kind, x, y, width, height, round_)
    if kind == "box":
        text += _rect("box inner", x + 3, y + 3, width - 6, height - 6, 4.5)
    return text


def _item(item: Item, spot: Spot, x: float, y: float, link: str) -> Iterator[str]:
    x, y = x + spot.x, y + spot.y
    kind = item.look
    name = f'data-item="{item.key}"'
    yield f"<a href={quoteattr(link)} {name}>" if link else f"<g {name}>"
    yield f"<title>{escape(item.tip)}</title>"
    yield _shape(kind, x, y, spot.width, spot.height)
    if item.output and kind != "output":
        yield _rect("output inner", x - 3, y - 3, spot.width + 6, spot.height + 6, 9)
    text = LINE * len(item.title) + SMALL_LINE * len(item.small)
    top, middle = y + (spot.height - text) / 2, x + spot.width / 2
    for at, line in enumerate(item.title):
        place = f'x="{middle:.1f}" y="{top + LINE * at + 12.5:.1f}"'
        yield f'<text class="middle" {place}>{escape(line)}</text>'
    top += LINE * len(item.title)
    for at, line in enumerate(item.small):
        place = f'x="{middle:.1f}" y="{top + SMALL_LINE * at + 9:.1f}"'
        place += f' data-value="{item.value}"' if item.kind == "step" else ""
        yield f'<text class="middle small" {place}>{escape(line)}</text>'
    yield "</a>" if link else "</g>"


def _frame(item: Item, spot: Spot, x: float, y: float) -> Iterator[str]:
    """An open box: its border, and its title above what is inside."""
    x, y = x + spot.x, y + spot.y
    kind = "output open" if item.output else "box open"
    title = escape(" ".join(item.title))
    yield f"<g><title>{escape(item.tip)}</title>"
    yield _rect(kind, x, y, spot.width, spot.height, 9)
    yield f'<text x="{x + PAD:.1f}" y="{y + 18:.1f}">{title}</text></g>'


def _legend(picture: Picture, level: Level, width: float) -> tuple[list[str], float]:
    """A line or two that say what forms and colours mean."""
    lines: list[str] = []
    x, y = 0.0, 0.0

    def space(word: str) -> tuple[float, float]:
        nonlocal x, y
        need = 30 + SMALL * len(word) + 16
        if x and x + need > width:
            x, y = 0.0, y + 22
        x += need
        return x - need, y

    def add(word: str, mark: Callable[[float, float], str]) -> None:
        left, top = space(word)
        lines.append(mark(left, top))
        lines.append(f'<text class="small" x="{left + 30:.1f}" y="{top + 12:.1f}">{word}</text>')

    for kind, word in picture.legend(level):
        add(word, lambda left, top, kind=kind: _shape(kind, left, top, 24, 16))  # type: ignore[misc]
    if picture.backward:
        add("gradient", lambda left, top: f'<path class="back" d="M{left:.1f} {top + 8:.1f}h24"/>')
        if any(one.sums for one in level.nested()):
            add("added up", lambda left, top: _sum(left + 14, top + 8))
    return lines, y + 26

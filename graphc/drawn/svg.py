"""A picture as SVG: plain text, with tooltips, for light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.sax.saxutils import escape, quoteattr

from graphc.drawn.layout import BEND, LINE, PAD, SMALL, SMALL_LINE, Layout, Piece, Spot, arrange
from graphc.drawn.picture import Item, Level, Picture

Link = Callable[[Item], str]  # where a box leads to, if anywhere
BACK = 8.0  # how far below an edge its gradient comes back
STYLE = """
.graph { --paper: #ffffff; --ink: #1e293b; --soft: #64748b; --line: #64748b; --back: #c81e1e;
  --input: #dbeafe; --input-line: #2563eb; --target: #ede9fe; --target-line: #7c3aed;
  --param: #fef3c7; --param-line: #b45309; --const: #f1f5f9; --const-line: #64748b;
  --step: #ffffff; --step-line: #475569; --box: #f1f5f9; --box-line: #475569;
  --output: #dcfce7; --output-line: #15803d; --loss: #fee2e2; --loss-line: #dc2626; }
@media (prefers-color-scheme: dark) { .graph { --paper: #0f172a; --ink: #e2e8f0; --soft: #94a3b8;
  --line: #94a3b8; --back: #f87171; --input: #172f5c; --input-line: #60a5fa; --target: #33235e;
  --target-line: #a78bfa; --param: #4a3208; --param-line: #fbbf24; --const: #1e293b;
  --const-line: #94a3b8; --step: #0f172a; --step-line: #94a3b8; --box: #1e293b;
  --box-line: #94a3b8; --output: #0d3b22; --output-line: #4ade80; --loss: #501414;
  --loss-line: #f87171; } }
.graph { background: var(--paper); }
.graph text { font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--ink); }
.graph .paper { fill: var(--paper); }
.graph .small { font-size: 10px; fill: var(--soft); }
.graph .head { font-size: 14px; font-weight: bold; }
.graph .middle { text-anchor: middle; }
.graph .edge { fill: none; stroke: var(--line); stroke-width: 1.3; }
.graph .tip { fill: var(--line); }
.graph .back { fill: none; stroke: var(--back); stroke-width: 1.2; stroke-dasharray: 5 3; }
.graph .tip.returning, .graph .small.returning { fill: var(--back); }
.graph .sum circle { fill: var(--paper); stroke: var(--back); stroke-width: 1.2; }
.graph .sum path { stroke: var(--back); stroke-width: 1.4; }
.graph a:hover rect { stroke-width: 2.6; }
.graph a text { fill: var(--ink); }
.graph .port { fill: none; stroke: var(--soft); stroke-dasharray: 2 3; }
.graph .inner { fill: none; }
.graph .open { fill-opacity: 0.45; }
""" + "\n".join(
    f".graph .{kind} {{ fill: var(--{colour}); stroke: var(--{colour}-line); stroke-width: {width}; }}"
    for kind, colour, width in (
        ("input", "input", 1.4),
        ("target", "target", 1.4),
        ("param", "param", 1.4),
        ("frozen", "param", 1.4),
        ("const", "const", 1.2),
        ("step", "step", 1.4),
        ("box", "box", 1.4),
        ("output", "output", 2.2),
        ("loss", "loss", 1.8),
    )
) + "\n.graph .target, .graph .frozen { stroke-dasharray: 5 3; }\n"


def svg(picture: Picture) -> str:
    """The whole picture, as a file of its own."""
    source = picture.source.replace("--", "- -")
    body = figure(picture, picture.top, picture.title, style=STYLE)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {source} -->\n{body}\n'


def figure(
    picture: Picture,
    level: Level,
    title: str,
    *,
    style: str = "",
    link: Link = lambda item: "",
    bare: bool = True,
) -> str:
    """One level with its title and legend, as an `svg` element."""
    layout = arrange(level, bare)
    legend, legend_height = _legend(picture, level, max(layout.width, 420.0))
    width = max(layout.width + 24, 444.0, 24 + 8.5 * len(title))
    height = layout.height + 44 + legend_height
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" {size} role="img">',
        f"<title>{escape(title)}</title>",
        *([f"<style>{style}</style>"] if style else []),
        f'<rect class="paper" width="{width:.0f}" height="{height:.0f}"/>',
        f'<text class="head" x="14" y="24">{escape(title)}</text>',
        *_level(layout, 12, 36, link),
        f'<g transform="translate(14 {layout.height + 48:.1f})">',
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
        if piece.first and (piece.first, piece.value) not in labelled:
            labelled.add((piece.first, piece.value))
            yield from _labels(layout, piece, x, y)
    for key, spot in layout.spots.items():
        item = level.items[key]
        if spot.inner is not None:
            yield from _level(spot.inner, x + spot.x + spot.dx, y + spot.y + spot.dy, link)
        elif item.kind != "port" or spot.width > 2:
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
    return bool(key) and layout.level.items[key].kind == "port" and layout.spots[key].width <= 2


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
        curve = f"C{half:.1f} {a:.1f} {half:.1f} {b:.1f} {column - short * (column == bx):.1f} {b:.1f}"
        return f'<path class="{kind}" d="M{ax:.1f} {a:.1f}H{flat:.1f}{curve}H{bx - short:.1f}"/>'

    yield path(0, "edge", 5.0 if tip else 0.0)
    if tip:
        yield _arrow(bx, by, -8, "tip")
    if piece.back:
        yield path(BACK, "back", 0)
        if _touches(layout, piece.first):
            yield _arrow(ax + 1, ay + BACK, 8, "tip returning")


def _arrow(x: float, y: float, long: float, kind: str) -> str:
    return f'<path class="{kind}" d="M{x:.1f} {y:.1f}l{long} -3.5v7z"/>'


def _labels(layout: Layout, piece: Piece, x: float, y: float) -> Iterator[str]:
    """Above an edge the shape, below it what the gradient is called, and the sum, if it is one."""
    ax, ay, _, _ = _ends(layout, piece, x, y)
    level = layout.level
    if _bare(layout, piece.first):
        ax = x + piece.start[0]
    if (shape := level.shapes.get(piece.value, "")) and not _bare(layout, piece.first):
        yield f'<text class="small" x="{ax + 7:.1f}" y="{ay - 5:.1f}">{escape(shape)}</text>'
    sums = (piece.first, piece.value) in level.sums
    if sums:
        yield (
            f'<g class="sum"><title>the gradients of several readers add up</title>'
            f'<circle cx="{ax + 17:.1f}" cy="{ay + BACK:.1f}" r="6"/>'
            f'<path d="M{ax + 13.5:.1f} {ay + BACK:.1f}h7m-3.5 -3.5v7"/></g>'
        )
    if (name := level.gradients.get(piece.value, "")) and not _bare(layout, piece.first):
        place = f'x="{ax + (26 if sums else 11):.1f}" y="{ay + BACK + 12:.1f}"'
        yield f'<text class="small returning" {place}>{escape(name)}</text>'


def _shape(kind: str, x: float, y: float, width: float, height: float) -> str:
    """The form that tells a kind: data and the loss are round, parameters angular."""
    round_ = {"input": height / 2, "target": height / 2, "loss": height / 2, "port": height / 2}
    angular = {"param": 0.0, "frozen": 0.0, "const": 0.0}
    radius = min({**round_, **angular}.get(kind, 7.0), 18.0)
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:.1f}"'
    text = f'<rect class="{kind}" {place}/>'
    if kind == "box":
        inner = f'x="{x + 3:.1f}" y="{y + 3:.1f}" width="{width - 6:.1f}" height="{height - 6:.1f}"'
        text += f'<rect class="{kind} inner" {inner} rx="4.5"/>'
    return text


def _item(item: Item, spot: Spot, x: float, y: float, link: str) -> Iterator[str]:
    x, y = x + spot.x, y + spot.y
    kind = item.look
    yield f"<a href={quoteattr(link)}>" if link else "<g>"
    yield f"<title>{escape(item.tip)}</title>"
    yield _shape(kind, x, y, spot.width, spot.height)
    if item.output and kind != "output":
        place = f'x="{x - 3:.1f}" y="{y - 3:.1f}" width="{spot.width + 6:.1f}" height="{spot.height + 6:.1f}"'
        yield f'<rect class="output inner" {place} rx="9"/>'
    text = LINE * len(item.title) + SMALL_LINE * len(item.small)
    top, middle = y + (spot.height - text) / 2, x + spot.width / 2
    for at, line in enumerate(item.title):
        place = f'x="{middle:.1f}" y="{top + LINE * at + 12.5:.1f}"'
        yield f'<text class="middle" {place}>{escape(line)}</text>'
    top += LINE * len(item.title)
    for at, line in enumerate(item.small):
        place = f'x="{middle:.1f}" y="{top + SMALL_LINE * at + 9:.1f}"'
        yield f'<text class="middle small" {place}>{escape(line)}</text>'
    yield "</a>" if link else "</g>"


def _frame(item: Item, spot: Spot, x: float, y: float) -> Iterator[str]:
    """An open box: its border, and its title above what is inside."""
    x, y = x + spot.x, y + spot.y
    kind = "output open" if item.output else "box open"
    place = f'x="{x:.1f}" y="{y:.1f}" width="{spot.width:.1f}" height="{spot.height:.1f}" rx="9"'
    title = escape(" ".join(item.title))
    yield f"<g><title>{escape(item.tip)}</title>"
    yield f'<rect class="{kind}" {place}/>'
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
    return lines, y + 26



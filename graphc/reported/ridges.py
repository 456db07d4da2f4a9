"""Histograms one below the other, each a moment of the run; or the numbers themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from graphc.reported.chart import Frame, chart, line
from graphc.reported.report import Histogram
from graphc.reported.scales import Scale, fitted, short

WIDTH, LEFT, RIGHT = 250.0, 46.0, 16.0
PITCH, HEIGHT = 13.0, 24.0  # from one ridge to the next, and how high the highest is
BOTTOM = 22.0

Rows = Sequence[tuple[int, Histogram]]  # epochs, and what was then


def ridges(kind: str, title: str, rows: Rows, *, log: bool) -> str:
    """An `svg` element; with `log` the histograms are of powers of 10."""
    shown = [(epoch, one) for epoch, one in rows if sum(one.counts)]
    if not shown:
        return ""
    low = min(one.low for _, one in shown)
    high = max(one.high for _, one in shown)
    room = 0.03 * (high - low)
    if room <= 1e-9 * max(abs(low), abs(high)):  # all numbers are the same, or nearly
        room = 0.5 if log else 0.5 * abs(high) or 0.5
    ends = (low - room, high + room)
    x = Scale(*((10 ** ends[0], 10 ** ends[1]) if log else ends), LEFT, WIDTH - RIGHT, log)
    height = HEIGHT + PITCH * len(rows) + BOTTOM
    base = height - BOTTOM
    lines = [
        f'<svg class="chart" viewBox="0 0 {WIDTH:.0f} {height:.0f}" width="{WIDTH:.0f}"'
        ' role="img">',
        f"<title>{escape(title)}</title>",
    ]
    for tick in x.ticks(48):
        lines.append(f'<path class="grid" d="M{x(tick):.1f} {HEIGHT - 8:.0f}V{base:.1f}"/>')
        at = f'x="{x(tick):.1f}" y="{base + 14:.0f}"'
        lines.append(f'<text class="mid" {at}>{escape(short(tick))}</text>')
    for place, (epoch, one) in enumerate(rows):
        y = HEIGHT + PITCH * place + 5
        if place in (0, len(rows) - 1) or (place % 3 == 0 and place < len(rows) - 2):
            lines.append(f'<text class="end" x="{LEFT - 6:.0f}" y="{y:.1f}">{epoch:,}</text>')
        lines.append(_ridge(kind, one, x, y, log))
    return "\n".join([*lines, "</svg>"])


def few(kind: str, title: str, rows: Rows, *, log: bool) -> str:
    """A line over the epochs for each of a few numbers, or with `log` for its magnitude."""
    frame = Frame(WIDTH, HEIGHT + 10 * PITCH + BOTTOM)
    first, last = rows[0][0], rows[-1][0]
    x = Scale(first - 0.5 * (first == last), last + 0.5 * (first == last), *frame.across)
    lines = [
        [
            (float(epoch), abs(one.values[place]) if log else one.values[place])
            for epoch, one in rows
        ]
        for place in range(rows[0][1].size)
    ]
    values = [value for points in lines for _, value in points]
    above = [value for value in values if 0 < value < math.inf]
    y = fitted(above if log else values, *frame.up, log=None if log else False)
    marks = [line(f"{kind} thin", x, y, points) for points in lines]
    return chart(frame, x, y, marks, title=title, across="epoch", whole=True)


def _ridge(kind: str, one: Histogram, x: Scale, y: float, log: bool) -> str:
    most = max(one.counts)
    if not most:
        return ""
    wide = (one.high - one.low) / len(one.counts)
    points = []
    for place, count in enumerate(one.counts):
        middle = one.low + (place + 0.5) * wide
        points.append((x(10**middle if log else middle), y - (HEIGHT - 4) * count / most))
    first, last = points[0][0], points[-1][0]
    if len(points) == 1:  # all numbers are the same
        first, last = first - 2, last + 2
    text = "".join(f"L{a:.1f} {b:.1f}" for a, b in points)
    tip = f"<title>{one.size:,} numbers, norm {short(one.norm)}</title>"
    way = f"M{first:.1f} {y:.1f}{text}L{last:.1f} {y:.1f}z"
    return f'<path class="ridge {kind}" d="{way}">{tip}</path>'

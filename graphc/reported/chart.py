"""A chart as SVG: a frame with ticks, and lines, dots or bars in it; for light and dark.

What a mark stands for is its class, `a` to `d`, whose colour the page's style sheet has.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from graphc.reported.scales import Scale, labels

LEFT, RIGHT, TOP, BOTTOM = 52.0, 22.0, 10.0, 36.0  # margins around the frame
CHARACTER = 6.4  # pixels of a digit, and a little more


@dataclass(frozen=True)
class Frame:
    """Where things stand in a chart of `width` x `height` pixels."""

    width: float = 640.0
    height: float = 280.0

    @property
    def across(self) -> tuple[float, float]:
        """The pixels of the left and the right border."""
        return LEFT, self.width - RIGHT

    @property
    def up(self) -> tuple[float, float]:
        """The pixels of the lower and the upper border."""
        return self.height - BOTTOM, TOP


def chart(
    frame: Frame,
    x: Scale,
    y: Scale,
    marks: Iterable[str],
    *,
    title: str,
    across: str = "",
    whole: bool = False,
    share: bool = False,
) -> str:
    """An `svg` element; `across` is what the axis below shows, in `whole` numbers alone.

    What the axis at the left shows is a number, or a `share`, in percent.
    """
    (left, right), (bottom, top) = frame.across, frame.up
    ticks = y.ticks()
    words = [f"{100 * value:.4g} %" for value in ticks] if share else labels(ticks)
    beyond = max(0.0, CHARACTER * max(map(len, words), default=0) + 6 - left)  # of long numbers
    width = frame.width + beyond
    size = f'viewBox="{-beyond:.0f} 0 {width:.0f} {frame.height:.0f}" width="{width:.0f}"'
    lines = [f'<svg class="chart" {size} role="img">', f"<title>{escape(title)}</title>"]
    for value, word in zip(ticks, words, strict=True):
        lines.append(f'<path class="grid" d="M{left:.0f} {y(value):.1f}H{right:.0f}"/>')
        place = f'x="{left - 6:.0f}" y="{y(value) + 3.5:.1f}"'
        lines.append(f'<text class="end" {place}>{escape(word)}</text>')
    ticks = [value for value in x.ticks(64) if not whole or value == int(value)]
    for value, word in zip(ticks, labels(ticks), strict=True):
        place = f'x="{x(value):.1f}" y="{bottom + 14:.0f}"'
        lines.append(f'<path class="tick" d="M{x(value):.1f} {bottom:.0f}v4"/>')
        lines.append(f'<text class="mid" {place}>{escape(word)}</text>')
    lines.append(f'<path class="axis" d="M{left:.0f} {top:.0f}V{bottom:.0f}H{right:.0f}"/>')
    if across:
        place = f'x="{(left + right) / 2:.0f}" y="{bottom + 30:.0f}"'
        lines.append(f'<text class="mid soft" {place}>{escape(across)}</text>')
    return "\n".join([*lines, *marks, "</svg>"])


def line(kind: str, x: Scale, y: Scale, points: Sequence[tuple[float, float]]) -> str:
    """A line through points; it is broken where one cannot be drawn. One alone is a dot."""
    text, pen = "", "M"
    drawn = [(a, b) for a, b in points if shows(y, b)]
    for a, b in points:
        if shows(y, b):
            text += f"{pen}{x(a):.1f} {y(b):.1f}"
            pen = "L"
        else:
            pen = "M"
    if len(drawn) == 1:
        return dots(kind, x, y, drawn, 3.5)
    return f'<path class="line {kind}" d="{text}"/>' if drawn else ""


def dots(
    kind: str, x: Scale, y: Scale, points: Iterable[tuple[float, float]], radius: float
) -> str:
    """Dots, as one path of lines without length whose ends are round."""
    text = "".join(f"M{x(a):.1f} {y(b):.1f}h0" for a, b in points if shows(y, b))
    return f'<path class="dot {kind}" stroke-width="{2 * radius:g}" d="{text}"/>'


def bars(kind: str, x: Scale, y: Scale, edges: Sequence[float], heights: Sequence[float]) -> str:
    """A bar from each edge to the next, from 0 up."""
    text = ""
    for (left, right), height in zip(pairwise(edges), heights, strict=True):
        if height:
            wide = max(x(right) - x(left) - 0.6, 0.6)
            text += f"M{x(left) + 0.3:.1f} {y(0):.1f}V{y(height):.1f}h{wide:.1f}V{y(0):.1f}z"
    return f'<path class="area {kind}" d="{text}"/>'


def shows(scale: Scale, value: float) -> bool:
    """Whether a value has a place on a scale."""
    return math.isfinite(value) and (value > 0 or not scale.log)


def upright(frame: Frame, at: float, word: str) -> str:
    """A dotted line from bottom to top with a word at it, on the side where there is room."""
    bottom, top = frame.up
    late = at > frame.width / 2
    place = f'x="{at - 5 if late else at + 5:.1f}" y="{top + 9:.0f}"'
    return (
        f'<path class="mark" d="M{at:.1f} {bottom:.0f}V{top:.0f}"/>'
        f'<text class="{"end" if late else "start"} strong" {place}>{escape(word)}</text>'
    )


def hovers(frame: Frame, places: Sequence[float], tips: Sequence[str]) -> str:
    """Columns that are not seen until the pointer rests there; each tells its own tip."""
    bottom, top = frame.up
    left, right = frame.across
    text = ""
    for number, (place, tip) in enumerate(zip(places, tips, strict=True)):
        begin = (places[number - 1] + place) / 2 if number else left
        end = (place + places[number + 1]) / 2 if number + 1 < len(places) else right
        text += (
            f'<rect class="hover" x="{begin:.1f}" y="{top:.0f}" width="{end - begin:.1f}"'
            f' height="{bottom - top:.0f}"><title>{escape(tip)}</title></rect>'
        )
    return text


def key(entries: Sequence[tuple[str, str]]) -> str:
    """A line that says what each colour is: pairs of a class and a word."""
    words = "".join(
        f'<span><i class="swatch {kind}"></i>{escape(word)}</span>' for kind, word in entries
    )
    return f'<p class="key">{words}</p>'

"""Weights and gradients over time: norms, a map of all parameters, and histograms of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TypeVar

from graphc.reported.chart import Frame, chart, key, line
from graphc.reported.html import folded, section, table
from graphc.reported.report import Histogram, Moment, Report
from graphc.reported.ridges import few, ridges
from graphc.reported.scales import Scale, fitted, short

ROWS = 10  # moments that are drawn
OPEN = 6  # parameters whose histograms are shown at once
SPAN = 4  # powers of 10 from the palest to the darkest colour, at most
MOST = 48  # that have histograms; of more, some from the first to the last

_T = TypeVar("_T")


def spreads(report: Report) -> str:
    """The section; empty if nobody looked."""
    moments = evenly(report.moments, ROWS)
    if not moments:
        return ""
    names = list(moments[0].weights)
    drawn = evenly(names, MOST)
    parts = [_norms(report.moments)] if len(moments) > 1 else []
    parts += [_map(moments, drawn)]
    figures = [_figure(name, moments) for name in drawn]
    parts.append("<h3>Histograms</h3>" + key([("a", "numbers"), ("b", "gradient, by magnitude")]))
    parts.append(f'<div class="small">{"".join(figures[:OPEN])}</div>')
    if rest := figures[OPEN:]:
        more = f"Histograms of {len(rest)} more"
        parts.append(folded(more, f'<div class="small">{"".join(rest)}</div>'))
    note = (
        "Each row of a histogram is a moment of the run, the first at the top, as high as there is"
        " room; few numbers are drawn as a line each. Gradients are those of a sample of the rows."
    )
    if len(drawn) < len(names):
        note += f" {len(drawn)} of {len(names):,} parameters are shown, from the first to the last."
    return section("spreads", "Weights and gradients", parts, note)


def evenly(values: Sequence[_T], most: int) -> list[_T]:
    """At most so many of some values, evenly from the first to the last, both included."""
    if len(values) <= most:
        return list(values)
    return [values[round(place * (len(values) - 1) / (most - 1))] for place in range(most)]


def total(histograms: Sequence[Histogram]) -> float:
    """The norm of several arrays as one."""
    return math.sqrt(sum(one.norm**2 for one in histograms))


def _norms(moments: Sequence[Moment]) -> str:
    frame = Frame(520, 220)
    x = Scale(moments[0].epoch, moments[-1].epoch, *frame.across)
    figures = []
    for what, kind in (("weights", "a"), ("gradients", "b")):
        points = [
            (float(one.epoch), total([*getattr(one, what).values()]))
            for one in moments
            if getattr(one, what)
        ]
        y = fitted((value for _, value in points), *frame.up, zero=True)
        title = f"norm of all {what} together"
        drawn = chart(
            frame, x, y, [line(kind, x, y, points)], title=title, across="epoch", whole=True
        )
        scale = ", on a logarithmic scale" if y.log else ""
        figures.append(f"<figure><figcaption>{title}{scale}</figcaption>{drawn}</figure>")
    return f'<div class="charts">{"".join(figures)}</div>'


def _map(moments: Sequence[Moment], names: Sequence[str]) -> str:
    """A table of the usual size of a gradient's numbers, by parameter and moment, in colour."""
    sizes = {
        (name, one.epoch): one.gradients[name].norm / math.sqrt(one.gradients[name].size or 1)
        for one in moments
        for name in names
        if name in one.gradients
    }
    known = [math.log10(value) for value in sizes.values() if 0 < value < math.inf]
    if not known:
        return ""
    high = max(known)
    low = min(max(min(known), high - SPAN), high - 1)

    def cell(name: str, epoch: int) -> str:
        value = sizes.get((name, epoch))
        if value is None:
            return ""
        power = math.log10(value) if 0 < value < math.inf else low
        share = max(power - low, 0) / (high - low)
        return f'<span style="--share:{share:.3f}">{short(value)}</span>'

    trained = [name for name in names if any((name, one.epoch) in sizes for one in moments)]
    rows = [
        [f"<code>{escape(name)}</code>", *(cell(name, one.epoch) for one in moments)]
        for name in trained
    ]
    head = ["epoch", *(f"#{one.epoch:,}" for one in moments)]
    title = "Size of the gradient's numbers (root of their mean square), by parameter"
    shown = f"<h3>{title}</h3>{table(head, rows, 'heat')}"
    return shown if len(rows) <= 2 * OPEN else folded(title, table(head, rows, "heat"))


def _figure(name: str, moments: Sequence[Moment]) -> str:
    weights = [(one.epoch, one.weights[name]) for one in moments]
    gradients = [(one.epoch, one.gradients[name]) for one in moments if name in one.gradients]
    draw = few if weights[0][1].values else ridges
    shown = draw("a", f"{name}: its numbers", weights, log=False)
    if gradients:
        shown += draw("b", f"{name}: its gradient", gradients, log=True)
    first, last = weights[0][1].norm, weights[-1][1].norm
    norms = f"norm {short(first)}" + f" → {short(last)}" * (len(weights) > 1)
    zeros = gradients[-1][1].zeros / (gradients[-1][1].size or 1) if gradients else 0
    if zeros:
        norms += f"; {100 * zeros:.0f} % of the last gradient are 0"
    caption = f"<code>{escape(name)}</code> <small>{norms}</small>"
    return f"<figure><figcaption>{caption}</figcaption><div>{shown}</div></figure>"

"""Real targets: what was predicted against what was right, and by how much it differs."""

from __future__ import annotations

from html import escape

import numpy as np

from graphc.reported.chart import Frame, bars, chart, dots
from graphc.reported.html import section
from graphc.reported.report import Fit, Report
from graphc.reported.scales import Scale, drawable, fitted, short
from graphc.training.lines import counted

DOTS = 1000  # of a chart: of more rows every n-th is drawn
BINS = 31
FRAME = Frame(420, 320)


def fits(report: Report) -> str:
    """The section; empty without real targets."""
    shown = [_against(one) + _residuals(one) for one in report.fits]
    note = f"Of {report.fitted_rows}. On the line, what is predicted is right."
    body = f'<div class="charts">{"".join(shown)}</div>'
    return section("fit", "Predicted and actual", [body], note) if shown else ""


def _against(one: Fit) -> str:
    step = -(-len(one.actual) // DOTS)
    actual, predicted = one.actual[::step], one.predicted[::step]
    both = [*actual.tolist(), *predicted.tolist()]
    x, y = fitted(both, *FRAME.across, log=False), fitted(both, *FRAME.up, log=False)
    ideal = (
        f'<path class="mark" d="M{x(x.low):.1f} {y(x.low):.1f}L{x(x.high):.1f} {y(x.high):.1f}"/>'
    )
    points = zip(actual.tolist(), predicted.tolist(), strict=True)
    marks = [ideal, dots("a see-through", x, y, points, 2.2)]
    drawn = chart(
        FRAME, x, y, marks, title=f"{one.name}: predicted against actual", across="actual"
    )
    rows = counted(len(one.actual), "value")
    some = f", one in {step:,} drawn" if step > 1 else ""
    caption = f"<b>{escape(one.name)}</b>: predicted (up) against actual, {rows}{some}"
    return f"<figure><figcaption>{caption}</figcaption>{drawn}</figure>"


def _residuals(one: Fit) -> str:
    residuals = drawable(np.subtract(one.predicted, one.actual, dtype=np.float64))
    if not residuals.size:
        return ""
    most = float(np.abs(residuals).max()) or 1.0
    counts, edges = np.histogram(residuals, BINS, (-most, most))
    x = Scale(-most * 1.04, most * 1.04, *FRAME.across)
    y = fitted(counts.tolist(), *FRAME.up, log=False, zero=True)
    marks = [bars("a", x, y, edges.tolist(), counts.tolist())]
    marks.append(f'<path class="mark" d="M{x(0):.1f} {y(0):.1f}V{FRAME.up[1]:.1f}"/>')
    title = f"{one.name}: residuals"
    drawn = chart(FRAME, x, y, marks, title=title, across="predicted − actual")
    spread = f"mean {short(float(residuals.mean()))}, deviation {short(float(residuals.std()))}"
    caption = f"<b>{escape(one.name)}</b>: residuals, {spread}"
    return f"<figure><figcaption>{caption}</figcaption>{drawn}</figure>"

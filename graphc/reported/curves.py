"""Loss and metrics over the epochs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby

from graphc.reported.chart import Frame, chart, hovers, key, line, upright
from graphc.reported.html import section
from graphc.reported.report import Report
from graphc.reported.scales import Scale, fitted, short
from graphc.training.history import Epoch
from graphc.training.metrics import is_share, number, title

MOST = 200  # places across a chart, from each of which the least and the greatest value are drawn
TIPS = 100  # columns that tell what they show

LOSS = "loss"
Points = list[tuple[float, float]]


def curves(report: Report) -> str:
    """The section; empty for a run without a whole epoch."""
    epochs = report.epochs
    if not epochs:
        return ""
    lines = {
        "training": [(float(one.epoch), one.loss) for one in epochs],
        "held out": [
            (float(one.epoch), one.held_loss) for one in epochs if one.held_loss is not None
        ],
    }
    kept = report.score.kept
    shown = [_figure(LOSS, {name: each for name, each in lines.items() if each}, epochs, kept)]
    for name in dict.fromkeys(name for one in epochs for name in one.metrics):
        points = [(float(one.epoch), one.metrics[name]) for one in epochs if name in one.metrics]
        of = "held out" if report.score.held_rows else "training"
        shown.append(_figure(name, {of: points}, epochs, kept))
    note = "The training loss of an epoch is the mean over its steps, while the parameters move."
    return section("curves", "Curves", [f'<div class="charts">{"".join(shown)}</div>'], note)


def thinned(points: Points, most: int = MOST) -> Points:
    """The points themselves, or of each of `most` groups side by side the least and greatest."""
    if len(points) <= 2 * most:
        return points
    kept: Points = []
    for _, group in groupby(enumerate(points), lambda one: one[0] * most // len(points)):
        each = [point for _, point in group]
        by_value = [min(each, key=lambda point: point[1]), max(each, key=lambda point: point[1])]
        kept += sorted(set(by_value))
    return kept


def _figure(name: str, lines: dict[str, Points], epochs: Sequence[Epoch], kept: int) -> str:
    frame = Frame(520, 260)
    x = _epochs(frame, epochs)
    y = fitted((value for points in lines.values() for _, value in points), *frame.up)
    called = LOSS if name == LOSS else title(name)
    share = name != LOSS and is_share(name)
    if share:
        y = replace(y, low=max(y.low, -0.02), high=min(y.high, 1.02))
    kinds = {"training": "a", "held out": "b"}
    marks = [line(kinds[of], x, y, thinned(points)) for of, points in lines.items()]
    if epochs[0].epoch <= kept < epochs[-1].epoch:
        marks.append(upright(frame, x(kept), f"epoch {kept:,}, kept"))
    marks.append(_tips(frame, x, lines, epochs, lambda value: _word(name, value)))
    drawn = chart(
        frame,
        x,
        y,
        marks,
        title=f"{called} by epoch",
        across="epoch",
        whole=True,
        share=share,
    )
    scale = ", on a logarithmic scale" if y.log else ""
    words = key([(kinds[of], of) for of in lines])
    return f"<figure><figcaption>{escape(called)}{scale}</figcaption>{words}{drawn}</figure>"


def _tips(
    frame: Frame,
    x: Scale,
    lines: dict[str, Points],
    epochs: Sequence[Epoch],
    word: Callable[[float], str],
) -> str:
    """What the lines show at an epoch, told where the pointer rests."""
    values = {of: dict(points) for of, points in lines.items()}
    some = [one.epoch for one in epochs[:: -(-len(epochs) // TIPS)]]
    tips = []
    for epoch in some:
        told = [f"{of} {word(value[epoch])}" for of, value in values.items() if epoch in value]
        tips.append(f"epoch {epoch:,}: {', '.join(told)}")
    return hovers(frame, [x(epoch) for epoch in some], tips)


def _word(name: str, value: float) -> str:
    return short(value) if name == LOSS else number(name, value)


def _epochs(frame: Frame, epochs: Sequence[Epoch]) -> Scale:
    first, last = epochs[0].epoch, epochs[-1].epoch
    room = 0.5 if first == last else 0.01 * (last - first)
    return Scale(first - room, last + room, *frame.across)

"""Which classes the model tells apart: a confusion matrix, precision and recall."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from graphc.reported.html import folded, section, table
from graphc.reported.report import Confusion, Report
from graphc.training.lines import legible
from graphc.training.metrics import percent

MOST = 20  # classes that a matrix has; of more, the pairs that are most confused are told
PAIRS = 20
ROWS = 200  # classes whose precision and recall are told


@dataclass(frozen=True)
class ByClass:
    """Rows of each class, those predicted as it, and those rightly so: [classes]."""

    actual: NDArray[np.int64]
    predicted: NDArray[np.int64]
    right: NDArray[np.int64]

    @staticmethod
    def of(one: Confusion) -> ByClass:
        """What a confusion comes to."""
        hit, size = one.actual == one.predicted, len(one.names)
        return ByClass(
            _summed(one.actual, one.counts, size),
            _summed(one.predicted, one.counts, size),
            _summed(one.actual[hit], one.counts[hit], size),
        )

    def precision(self, number: int) -> float | None:
        """The share of rows predicted as a class that are of it; None if there are none."""
        return _share(self.right[number], self.predicted[number])

    def recall(self, number: int) -> float | None:
        """The share of rows of a class that are predicted as it; None if there are none."""
        return _share(self.right[number], self.actual[number])

    def f1(self, number: int) -> float | None:
        """The harmonic mean of both; None if the class neither occurs nor is predicted."""
        return _share(2 * self.right[number], self.actual[number] + self.predicted[number])


def classes(report: Report) -> str:
    """The section; empty without classes."""
    parts = []
    for one in report.confusions:
        by_class = ByClass.of(one)
        if len(report.confusions) > 1:
            parts.append(f"<h3>{escape(one.target)}</h3>")
        if len(one.names) <= MOST:
            parts.append(_matrix(one, by_class))
        else:
            parts.append(_pairs(one, by_class))
        parts.append(_each(one, by_class))
    note = (
        f"Of {report.fitted_rows}. A row of a matrix is what is right, a column what was predicted."
    )
    return section("classes", "Classes", parts, note) if parts else ""


def _matrix(one: Confusion, by_class: ByClass) -> str:
    """Counts with their share of the row, the darker the larger it is."""
    size = len(one.names)
    counts = np.zeros((size, size), np.int64)
    counts[one.actual, one.predicted] = one.counts
    long = any(len(name) > 3 for name in one.names)
    heads = "".join(f"<th><span>{_name(name)}</span></th>" for name in one.names)
    rows = [f'<tr><th class="corner"><span>right ↓ predicted →</span></th>{heads}<th>all</th></tr>']
    for actual, name in enumerate(one.names):
        total = int(by_class.actual[actual])
        cells = [
            _count(int(count), total, actual == predicted)
            for predicted, count in enumerate(counts[actual])
        ]
        last = f'<td class="total">{total:,}</td>'
        rows.append(f"<tr><th>{_name(name)}</th>{''.join(cells)}{last}</tr>")
    kind = f"confusion{' turned' if long else ''}{' small' if size > 10 else ''}"
    return f'<div class="wide"><table class="{kind}">{"".join(rows)}</table></div>'


def _count(count: int, total: int, right: bool) -> str:
    if not count:
        return '<td class="none">0</td>'
    share = count / total
    told = f"<small>{percent(share)}</small>"
    kind = "right" if right else "wrong"
    return f'<td class="{kind}" style="--share:{share:.3f}">{count:,}{told}</td>'


def _pairs(one: Confusion, by_class: ByClass) -> str:
    """The pairs that are most often confused."""
    wrong = np.flatnonzero(one.actual != one.predicted)
    first = wrong[np.argsort(-one.counts[wrong], kind="stable")][:PAIRS]
    if not len(first):
        return "<p>No class was taken for another.</p>"
    rows = [
        (
            _name(one.names[one.actual[place]]),
            _name(one.names[one.predicted[place]]),
            f"{one.counts[place]:,}",
            percent(one.counts[place] / by_class.actual[one.actual[place]]),
        )
        for place in first
    ]
    head = ("right", "taken for", "#times", "#of the class")
    return f"<h3>Most confused</h3>{table(head, rows)}"


def _each(one: Confusion, by_class: ByClass) -> str:
    """Precision and recall by class; of very many, those that occur most."""
    order = np.argsort(-by_class.actual, kind="stable")[:ROWS]
    rows = [
        (
            _name(one.names[number]),
            f"{by_class.actual[number]:,}",
            _bar(by_class.precision(number)),
            _bar(by_class.recall(number)),
            _bar(by_class.f1(number)),
        )
        for number in sorted(order.tolist())
    ]
    shown = table(("class", "#times", "precision", "recall", "F1"), rows, "by-class")
    if len(one.names) <= MOST:
        return shown
    most = f", the {ROWS} most frequent of {len(one.names):,}" * (len(one.names) > ROWS)
    return folded(f"Precision and recall by class{most}", shown)


def _bar(share: float | None) -> str:
    if share is None:
        return '<span class="soft">–</span>'
    return f'<span class="bar" style="--share:{share:.3f}">{percent(share)}</span>'


def _name(name: str) -> str:
    """The name of a class, which the style sheet may cut short; blanks can be told apart."""
    shown = escape(legible(name))
    return f'<span class="name" title="{shown}">{shown}</span>'


def _summed(numbers: NDArray[np.int64], counts: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    total = np.zeros(size, np.int64)
    np.add.at(total, numbers, counts)
    return total


def _share(part: np.int64, whole: np.int64) -> float | None:
    return float(part / whole) if whole else None

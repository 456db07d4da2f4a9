"""What was trained: the model's graph, its text, its parameters, its memory and time."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from graphc.reported.html import folded, listed, section, table
from graphc.reported.report import Report
from graphc.training.lines import counted

TOO_LARGE = '<p class="soft">The graph is too large to be drawn here.</p>'
OPEN = 30  # rows of the table of parameters that are shown at once


def blueprint(report: Report) -> str:
    """The section."""
    parts = [
        f'<figure class="wide" id="graph">{report.drawing or TOO_LARGE}</figure>',
        f'<pre id="text"><code>{escape(report.text.rstrip())}</code></pre>',
        f'<div id="parameters">{_parameters(report)}</div>',
        listed(report.costs, "costs"),
    ]
    return section("model", "The model", parts)


def _parameters(report: Report) -> str:
    rows: list[Sequence[str]] = [
        (
            f"<code>{escape(one.name)}</code>" + " frozen" * one.frozen,
            f"[{', '.join(map(str, one.shape))}]",
            f"{one.size:,}",
            f"{one.bytes:,}",
        )
        for one in report.parameters
    ]
    sums = [sum(getattr(one, what) for one in report.parameters) for what in ("size", "bytes")]
    rows.append(("all", "", *(f"{one:,}" for one in sums)))
    shown = table(("parameter", "shape", "#numbers", "#bytes"), rows, "parameters")
    if len(rows) <= OPEN:
        return shown
    count = counted(len(report.parameters), "parameter")
    return folded(f"{count}, {sums[0]:,} numbers, {sums[1]:,} bytes", shown)

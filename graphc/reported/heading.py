"""What the page begins with: which run it was, how good the model is, what was warned of."""

from __future__ import annotations

import math
from html import escape

from graphc.reported.html import listed, section
from graphc.reported.report import Report, Score
from graphc.training.lines import counted
from graphc.training.metrics import number, title


def heading(report: Report) -> str:
    """The title, the command, and how the run ended if it did not end by itself."""
    kind = "failure" if report.failed else "note"
    ending = f'<p class="{kind}" id="ending">{escape(report.ending)}</p>' if report.ending else ""
    return (
        f'<header id="head"><h1>{escape(report.title)}</h1>\n'
        f'<p class="soft">{escape(report.when)}</p>{ending}\n'
        f'<pre id="command"><code>{escape(report.command)}</code></pre></header>'
    )


def score(report: Report) -> str:
    """The held-out loss and metrics first, large; the training loss beside them."""
    one = report.score
    held = one.held_loss is not None
    of = "held-out" if held else "training"
    cards = [
        _card(f"{of} {title(name)}", number(name, value)) for name, value in one.metrics.items()
    ]
    if one.held_loss is not None:
        cards.insert(0, _card("held-out loss", four(one.held_loss), "main"))
    if one.loss is not None:
        cards.insert(held, _card("training loss", four(one.loss), "" if held else "main"))
    cards.append(_card("parameters", f"epoch {one.kept:,}", why=_kept(one)))
    return section("score", "Score", [f'<div class="cards">{"".join(cards)}</div>'], _rows(one))


def origin(report: Report) -> str:
    """All that the result depends on, beside the model's text."""
    note = "The command at the top gives the same numbers, with these files and versions."
    return section("origin", "To get it again", [listed(report.facts)], note)


def warnings(report: Report) -> str:
    """What was told while it was compiled and trained; empty if nothing was."""
    told = [f"<pre>{escape(text)}</pre>" for text in report.warnings]
    return section("warnings", "Warnings", told) if told else ""


def four(value: float) -> str:
    """A number in four digits, as the terminal has it."""
    return f"{value:.4g}" if math.isfinite(value) else "not finite"


def _card(name: str, value: str, kind: str = "", why: str = "") -> str:
    below = f"<small>{escape(why)}</small>" if why else ""
    return (
        f'<div class="card {kind}"><span>{escape(name)}</span><b>{escape(value)}</b>{below}</div>'
    )


def _kept(one: Score) -> str:
    if one.kept == 0:
        return "as they began"
    if one.kept < one.done:
        return f"the best of {one.done:,}"
    return f"the last of {one.done:,}" + (f", {one.wanted:,} wanted" * (one.done < one.wanted))


def _rows(one: Score) -> str:
    if one.rows is None:
        return "The loss reads parameters alone: there are no rows."
    if not one.held_rows:
        return f"{counted(one.rows, 'row')}, all trained on: how good it is on others is not known."
    return f"Trained on {counted(one.rows, 'row')}, tested on {one.held_rows:,} held out."

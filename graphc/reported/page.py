"""A report as one page that stands alone, for light and dark, the screen and paper."""

from __future__ import annotations

from html import escape

from graphc.drawn.style import STYLE as DRAWING
from graphc.reported.blueprint import blueprint
from graphc.reported.classes import classes
from graphc.reported.curves import curves
from graphc.reported.fits import fits
from graphc.reported.heading import heading, origin, score, warnings
from graphc.reported.report import Report
from graphc.reported.spreads import spreads
from graphc.reported.style import STYLE

SECTIONS = (heading, score, warnings, curves, classes, fits, spreads, blueprint, origin)


def page(report: Report) -> str:
    """The text of the page. Sections that have nothing to tell are left out."""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(report.title)}</title>",
            f"<style>{DRAWING}{STYLE}</style></head><body>",
            *(text for section in SECTIONS if (text := section(report))),
            "</body></html>",
            "",
        ]
    )

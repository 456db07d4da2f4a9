"""The compiler on one page."""

from __future__ import annotations

from graphc import gradient, graph, lint, rewrite, shapes, syntax
from graphc.errors import Report
from graphc.source import Source


def front(source: Source, dtype=None):
    report = Report()
    file = syntax.parse(source, report)
    g = graph.build(file, report, dtype)
    g = shapes.solve(g, report)
    lint.inspect(g, report)
    return g, report

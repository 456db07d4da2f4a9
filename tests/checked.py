"""Models that are read and checked, but not compiled: what is told of them, and their shapes."""

from __future__ import annotations

from systems import EXAMPLES

from graphc.dataflow import Graph
from graphc.errors import CompileError, Diagnostic
from graphc.pipeline import front
from graphc.source import Source

DATA = "input x : [batch, 2]\ntarget y : [batch, 1]\n"
ROOTS = "output p\nloss mean(p)\n"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.nn"))}


def graph(text: str) -> Graph:
    """The checked graph of a model that has neither errors nor warnings."""
    model, _, report = front(Source(text, "model.nn"))
    assert report.diagnostics == ()
    return model


def told(text: str) -> tuple[Diagnostic, ...]:
    """What is told of a model."""
    try:
        return front(Source(text, "model.nn"))[2].diagnostics
    except CompileError as error:
        return error.diagnostics


def codes(text: str) -> list[str]:
    """The codes of what is told of a model."""
    return [one.code for one in told(text)]


def shapes(text: str) -> dict[str, tuple[int | str, ...]]:
    """The shape of every named value: numbers, and run-time sizes as text."""
    return {
        node.label: tuple(dim.code if dim.known is None else dim.known for dim in node.shape)
        for node in graph(text).nodes
        if node.label
    }

"""Examples that are traced in tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from graphc.cli import graphc
from graphc.compiled import Compiled, compile_opened
from graphc.pipeline import front
from graphc.source import Source
from graphc.stable import stabilise
from graphc.traced.example import Example, Given, example
from graphc.traced.trace import Trace, traced
from graphc.traced.wave import Moment, moments
from graphc.traced.written import trials
from graphc.verify.module import Module

EXAMPLES = Path(__file__).parent.parent / "examples"
FILES = sorted(EXAMPLES.glob("*.nn"))
DROPOUT = """
input x : [batch, 3]
target y : [batch, 2]
h = x |> dense(6) |> tanh |> dropout(0.5)
z = x |> dense(4) |> dropout(0.3)
p = dense(dropout(h, 0.2), 2)
output p, z
loss mse(p, y) + 0.01 * l2(dropout(z, 0.1))
"""
FANNED = """
param a : [] = 2
param b : [] = 3
c = a * b
d = c + a
loss c * d - c
"""

NEURON = """\
param x : [] = 4
param w : [] = 0.5
param b : [] = -1
z = w * x + b
loss z * z + w * w
"""


def run(*arguments: object) -> Result:
    """`graphc trace` on the arguments, at 80 columns."""
    words = ["trace", *map(str, arguments)]
    return CliRunner().invoke(graphc, words, env={"COLUMNS": "80"}, catch_exceptions=False)


def data_of(file: Path) -> Path | None:
    """The data that the first lines of an example name, if it has any."""
    found = re.search(r"--data examples/(\S+)", file.read_text(encoding="utf-8"))
    return EXAMPLES / found[1] if found else None


def trace_of(
    source: Source, on_stage: Callable[[str, Any], None] = lambda name, value: None, **given: Any
) -> tuple[Compiled, Example, Trace]:
    """A model compiled, its example, and the trace of it."""
    compiled = compile_opened(source, on_stage=on_stage)
    one = example(compiled, Given(**given), Path(source.name))
    return compiled, one, traced(stabilise(front(source)[0]), one)


def model(text: str, **given: Any) -> Trace:
    """The trace of a model's text."""
    return trace_of(Source(text, "model.nn"), **given)[2]


def waves(source: Source, data: Path | None = None) -> tuple[Trace, list[Moment]]:
    """A trace of a model, and the moments of its module."""
    stages: dict[str, object] = {}
    compiled, one, found = trace_of(source, data=data, on_stage=stages.__setitem__)
    plan = stages["plan"][0]  # type: ignore[index]
    return found, moments(trials(found, Module(compiled.source, 0), plan, one), plan)

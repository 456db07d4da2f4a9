"""The compiler on one page: a call per stage, each checked and shown to `on_stage`."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from graphc import (
    blocks,
    check,
    compared,
    emit,
    evaluation,
    fingerprint,
    gradient,
    graph,
    lint,
    plan,
    rewrite,
    shapes,
    stable,
    syntax,
    update,
    vectors,
)
from graphc.dataflow import Graph
from graphc.errors import Diagnostic, Report
from graphc.model import Model, described, trained
from graphc.source import Source

OnStage = Callable[[str, Any], None]
STAGES = (
    *("tree", "blocks", "graph", "shapes", "stable", "gradient", "rewrite", "evaluation"),
    *("update", "plan", "emit"),
)


@dataclass(frozen=True)
class Result:
    """What the compiler makes of a source."""

    text: str
    model: Model
    warnings: tuple[Diagnostic, ...]
    graph: Graph  # of `shapes`: what the user wrote


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for circles of garbage.

    A compilation leaves next to none, and to walk through every node again and again takes a fifth
    of the time of 10,000 nodes.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_uncollected()
def front(
    source: Source,
    *,
    dtype: str | None = None,
    options: Mapping[str, float] | None = None,
    on_stage: OnStage = lambda name, value: None,
) -> tuple[Graph, Graph, Report]:
    """The checked graphs of the model and of its update; raises CompileError with all mistakes."""
    report = Report()
    tree = syntax.parse(source, report)
    on_stage("tree", tree)
    tree = blocks.expand(tree, report)
    on_stage("blocks", tree)
    model = graph.build(tree, report, dtype)
    on_stage("graph", model)
    model = shapes.solve(model, report)
    on_stage("shapes", model)
    lint.inspect(model, report)
    rule = update.build(model.settings, report, options or {})
    report.stop_if_failed()
    return model, rule, report


@_uncollected()
def compile_source(
    source: Source,
    *,
    dtype: str | None = None,
    plain: bool = False,
    options: Mapping[str, float] | None = None,
    on_stage: OnStage = lambda name, value: None,
) -> Result:
    """The module of a model file; raises CompileError with every mistake in it."""

    def passed(name: str, value: Any) -> Any:
        check.stage(name, value)
        on_stage(name, value)
        return value

    solved, rule, report = front(source, dtype=dtype, options=options, on_stage=passed)
    written, comparisons = solved, compared.compared(solved)
    solved = passed("stable", stable.stabilise(solved))
    model = passed("gradient", gradient.differentiate(solved))
    model = passed("rewrite", rewrite.simplify(model))
    other = evaluation.evaluated(solved)
    forward = fingerprint.forward(other or solved)
    other = passed("evaluation", rewrite.simplify(other) if other else None)
    rule = passed("update", update.without_idle_states(rewrite.simplify(rule)))
    training = plan.plan(model, other)
    judging = [plan.plan_evaluation(other, training)] if other else []
    step = vectors.plan_update(rule, trained(model))
    whole, step, *judging = passed("plan", (training, step, *judging))
    face = described(whole, step, *judging, forward=forward, compared=comparisons)
    text = emit.module(whole, step, face, *judging, plain=plain)
    return Result(passed("emit", text), face, report.diagnostics, written)

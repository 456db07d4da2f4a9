"""The compiler on one page: a call per stage, each checked and shown to `on_stage`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphc import (
    blocks,
    check,
    emit,
    gradient,
    graph,
    lint,
    plan,
    rewrite,
    shapes,
    stable,
    syntax,
    update,
)
from graphc.dataflow import Graph
from graphc.errors import Diagnostic, Report
from graphc.model import Model, described
from graphc.source import Source

OnStage = Callable[[str, Any], None]
STAGES = (
    *("tree", "blocks", "graph", "shapes", "stable", "gradient", "rewrite", "update", "plan"),
    "emit",
)


@dataclass(frozen=True)
class Result:
    """What the compiler makes of a source."""

    text: str
    model: Model
    warnings: tuple[Diagnostic, ...]


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

    model, rule, report = front(source, dtype=dtype, options=options, on_stage=passed)
    model = passed("stable", stable.stabilise(model))
    model = passed("gradient", gradient.differentiate(model))
    model = passed("rewrite", rewrite.simplify(model))
    rule = passed("update", update.without_idle_states(rewrite.simplify(rule)))
    whole, step = passed("plan", (plan.plan(model), plan.plan_update(rule)))
    face = described(whole)
    text = passed("emit", emit.module(whole, step, face, plain=plain))
    return Result(text, face, report.diagnostics)

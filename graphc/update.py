"""tree -> graph of the update: the optimizer's rule over the flat vectors of all parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from graphc import tree
from graphc.arguments import matched
from graphc.book import book
from graphc.dataflow import Draft, Graph, Leaf, Node, Origin, Settings
from graphc.dims import Dim
from graphc.errors import Report
from graphc.grammar import Update, parse_rule
from graphc.rules import Scope
from graphc.schedule import TIMES, check, out_of_range
from graphc.tree import Call, Expr

PRELUDE = Path(__file__).parent / "prelude" / "optimizers.nn"


@cache
def optimizers() -> dict[str, Update]:
    """The update rules that ship with the package, by name."""
    text = PRELUDE.read_text(encoding="utf-8")
    return {one.name.id: one for one in parse_rule(text, "updates", PRELUDE.name)}


def build(settings: Settings, report: Report, options: Mapping[str, float]) -> Graph:
    """The graph of one update. What is wrong with the optimizer's arguments goes to `report`.

    `options` override arguments; raises ValueError for one that the optimizer does not have, or a
    value that it may not have.

    Its leaves are the flat vectors `parameter`, `gradient` and the rule's states, and the scalars
    `step` and `epoch`; its outputs are the vectors after the step.
    """
    rule = settings.optimizer.rule if settings.optimizer else None
    name = rule.function.id if rule else "sgd"
    if rule is not None and name not in optimizers():
        message = f"there is no optimizer `{name}`"
        hint = report.nearest(name, optimizers()) or f"there are {', '.join(optimizers())}"
        report.add("E0701", rule.function.span, message, help=hint)
        return Graph.of([], settings)
    update = optimizers()[name]
    draft = Draft()
    values = {
        leaf: draft.place(Node(-1, shape, leaf=Leaf("given", leaf)))
        for leaf, shape in (
            *((vector, (Dim.of("size"),)) for vector in ("parameter", "gradient")),
            *((state.id, (Dim.of("size"),)) for state, _ in update.states),
            *((time, ()) for time in TIMES),
        )
    }
    arguments = _arguments(update, rule, settings.dtype, report)
    for option, value in options.items():
        if option not in arguments:
            raise ValueError(f"the optimizer {name} has no argument {option}")
        if problem := out_of_range(option, value):
            raise ValueError(problem.replace("`", ""))
        arguments[option] = tree.Number(update.span, value)
    if report.failed:
        return Graph.of([], settings)
    definitions = dict(update.definitions) | arguments
    scope = Scope(draft, values, {}, definitions, settings.dtype)
    outputs = {}
    for defined, _ in update.definitions:
        draft.origin = Origin(rule=f"{defined} = {tree.show(definitions[defined])}", backward=True)
        key = scope.value(defined)
        if defined.endswith("'"):
            outputs[defined.rstrip("'")] = key
        elif draft[key].op is not None and draft[key].shape:
            draft.nodes[key] = replace(draft[key], label=defined)
    return Graph.of(draft.nodes.values(), settings, outputs=outputs)


def without_idle_states(graph: Graph) -> Graph:
    """The graph without the states that nothing but their own next value reads."""
    outputs = dict(graph.outputs)
    leaves = {node.leaf.name: node.key for node in graph.leaves("given") if node.leaf}

    def idle(name: str) -> bool:
        others = graph.before(key for other, key in outputs.items() if other != name)
        return name != "parameter" and leaves.get(name) not in others

    def unchanged(name: str) -> bool:
        node = graph[outputs[name]]
        return node.op is book().roles["spread"] and node.operands == (leaves.get(name),)

    while found := [name for name in outputs if unchanged(name) or idle(name)]:
        del outputs[found[0]]
    kept = graph.before(outputs.values())
    return Graph.of([n for n in graph.nodes if n.key in kept], graph.settings, outputs=outputs)


def _arguments(update: Update, rule: Call | None, dtype: str, report: Report) -> dict[str, Expr]:
    """The rule's arguments: the user's where given, else the defaults."""
    defaults = {one.name.id: one.value for one in update.arguments if one.name is not None}
    given: dict[str, Expr] = {}
    if rule is not None:
        shown = ", ".join(f"{name} = {tree.show(value)}" for name, value in defaults.items())
        given, _ = matched(rule, list(defaults), f"{update.name.id}({shown})", report)
    for name, expr in given.items():
        check(name, expr, isinstance(defaults[name], tree.Flag), dtype, report)
    return {  # flags as the numbers that rules reckon with
        name: tree.Number(expr.span, int(expr.value)) if isinstance(expr, tree.Flag) else expr
        for name, expr in (defaults | given).items()
    }

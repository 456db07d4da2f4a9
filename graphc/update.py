"""tree -> graph of the update: the optimizer's rule over the flat vectors of all parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from graphc import tree
from graphc.arguments import complete, matched
from graphc.dataflow import Draft, Graph, Leaf, Node, Origin, Settings
from graphc.dims import Dim
from graphc.errors import Report
from graphc.grammar import Update, parse_rule
from graphc.op import book
from graphc.rules import Scope, operation
from graphc.tree import Call, Expr, Name

PRELUDE = Path(__file__).parent / "prelude" / "optimizers.nn"
TIMES = ("step", "epoch")
POSITIVE = {"learning_rate"}
FRACTIONS = {"beta1", "beta2", "mu", "momentum"}
FLAG = "`true` or `false`"
SCALAR = "a number, or an expression over `step` and `epoch`"
USABLE = "there are numbers, `step`, `epoch` and element-wise operations"
DEEPEST = 100


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
    arguments = _arguments(update, rule, report)
    for option, value in options.items():
        if option not in arguments:
            raise ValueError(f"the optimizer {name} has no argument {option}")
        if wrong := _out_of_range(option, value):
            raise ValueError(wrong.replace("`", ""))
        arguments[option] = tree.Number(update.span, value)
    if report.failed:
        return Graph.of([], settings)
    definitions = dict(update.definitions) | arguments
    scope = Scope(draft, values, {}, definitions, settings.dtype)
    outputs = {}
    for defined, _ in update.definitions:
        draft.origin = Origin()
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

    while found := [name for name in outputs if idle(name)]:
        del outputs[found[0]]
    kept = graph.before(outputs.values())
    return Graph.of([n for n in graph.nodes if n.key in kept], graph.settings, outputs=outputs)


def states(graph: Graph) -> list[str]:
    """The states that persist from step to step."""
    return [name for name in graph.outputs if name != "parameter"]


def _arguments(update: Update, rule: Call | None, report: Report) -> dict[str, Expr]:
    """The rule's arguments: the user's where given, else the defaults."""
    defaults = {one.name.id: one.value for one in update.arguments if one.name is not None}
    if rule is None:
        return _numbers(defaults)
    shown = ", ".join(f"{name} = {tree.show(value)}" for name, value in defaults.items())
    given, _ = matched(rule, list(defaults), f"{update.name.id}({shown})", report)
    for name, expr in given.items():
        flag = isinstance(defaults[name], tree.Flag)
        if flag or isinstance(expr, tree.Flag | tree.ListOf):
            if not (flag and isinstance(expr, tree.Flag)):
                message = f"`{name}` of `{update.name.id}` is {FLAG if flag else SCALAR}"
                report.add("E0404", expr.span, message)
        elif isinstance(expr, tree.Number):
            if wrong := _out_of_range(name, expr.value):
                report.add("E0405", expr.span, wrong)
        else:
            _scalar(expr, report)
    return _numbers(defaults | given)


def _out_of_range(name: str, value: float) -> str:
    """What is wrong with the value of an argument, or the empty string."""
    if name in POSITIVE and value == 0:
        return f"with `{name} = 0` nothing would ever be learnt"
    if name in FRACTIONS and not 0 <= value < 1:
        return f"`{name}` is at least 0 and below 1"
    return "" if value >= 0 else f"`{name}` is not negative"


def _numbers(arguments: dict[str, Expr]) -> dict[str, Expr]:
    """Flags as the numbers that rules reckon with."""
    return {
        name: tree.Number(expr.span, int(expr.value)) if isinstance(expr, tree.Flag) else expr
        for name, expr in arguments.items()
    }


def _scalar(expr: Expr, report: Report) -> None:
    """Reports what keeps an argument from being a scalar over step and epoch."""
    ops = book()

    def step(node: Expr, inner: Sequence[int]) -> int:
        match node:
            case Name() if node.id not in TIMES:
                hint = report.nearest(node.id, TIMES) or USABLE
                message = f"`{node.id}` is not known in an argument of an optimizer"
                report.add("E0201", node.span, message, help=hint)
            case tree.ListOf() | tree.Flag():
                report.add("E0404", node.span, f"`{tree.show(node)}` is no number", help=USABLE)
            case Call() if node.function.id in ops and ops[node.function.id].elementwise:
                op = ops[node.function.id]
                given, sound = matched(node, op.names, op.signature, report)
                sound = sound and complete(node, given, op.names, op.signature, report)
                if sound and tuple(given) != op.names:
                    message = f"the arguments of `{op.name}` stand in order here"
                    report.add("E0404", node.span, message, help=f"`{op.signature}`")
            case Call(function=Name(id=name)):
                scalar = [op.name for op in ops.public if op.elementwise]
                known = name in ops and not ops[name].hidden
                hint = USABLE if known else report.nearest(name, scalar) or USABLE
                message = f"`{name}` cannot be used in an argument of an optimizer"
                report.add("E0202", node.function.span, message, help=hint)
            case tree.Infix() | tree.Affix() if not operation(node)[0].elementwise:
                message = f"`{node.symbol}` cannot be used in an argument of an optimizer"
                report.add("E0404", node.span, message, help=USABLE)
        return 1 + max(inner, default=0)

    if tree.fold(expr, step) > DEEPEST:
        message = f"this expression has more than {DEEPEST} operations inside one another"
        report.add("E0109", expr.span, message)

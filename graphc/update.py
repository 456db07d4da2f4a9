"""tree -> graph of the update: the optimizer's rule over the flat vectors of parameters and gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from graphc import tree
from graphc.arguments import matched
from graphc.dataflow import Draft, Graph, Leaf, Node, Origin, Settings
from graphc.dims import Dim
from graphc.errors import Report, nearest
from graphc.grammar import parse_rule
from graphc.op import book
from graphc.rules import Scope, operation
from graphc.source import Span
from graphc.tree import Call, Expr, Name

PRELUDE = Path(__file__).parent / "prelude" / "optimizers.nn"
TIMES = ("step", "epoch")
POSITIVE = {"learning_rate"}
FRACTIONS = {"beta1", "beta2", "mu", "momentum"}


@cache
def optimizers() -> dict[str, tree.Update]:
    """The update rules that ship with the package, by name."""
    text = PRELUDE.read_text(encoding="utf-8")
    return {one.name.id: one for one in parse_rule(text, "updates", PRELUDE.name)}


def build(settings: Settings, report: Report, options: Mapping[str, float]) -> Graph:
    """The graph of one update. What is wrong with the optimizer's arguments goes to `report`.

    `options` override arguments; raises ValueError if the optimizer has no such argument.

    Its leaves are the flat vectors `parameter`, `gradient` and the rule's states, and the scalars
    `step` and `epoch`; its outputs are the vectors after the step.
    """
    rule = settings.optimizer.rule if settings.optimizer else None
    name = rule.function.id if rule else "sgd"
    if rule is not None and name not in optimizers():
        message = f"there is no optimizer `{name}`"
        help = nearest(name, optimizers()) or f"there are {', '.join(optimizers())}"
        report.add("E0701", rule.function.span, message, help=help)
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


def _arguments(update: tree.Update, rule: Call | None, report: Report) -> dict[str, Expr]:
    """The rule's arguments: the user's where given, else the defaults."""
    defaults = {one.name.id: one.value for one in update.arguments if one.name is not None}
    if rule is None:
        return _numbers(defaults)
    shown = ", ".join(f"{name} = {tree.show(value)}" for name, value in defaults.items())
    given = matched(rule, list(defaults), f"{update.name.id}({shown})", report) or {}
    for name, expr in given.items():
        flag = isinstance(defaults[name], tree.Flag)
        if flag != isinstance(expr, tree.Flag):
            wanted = "`true` or `false`" if flag else "a number, or an expression over step and epoch"
            report.add("E0404", expr.span, f"`{name}` of `{update.name.id}` is {wanted}")
        elif not flag and _scalar(expr, name, report) and isinstance(expr, tree.Number):
            _range(name, expr, report)
    return _numbers(defaults | given)


def _range(name: str, expr: tree.Number, report: Report) -> None:
    if expr.value < 0:
        report.add("E0405", expr.span, f"`{name}` is not negative")
    elif name in POSITIVE and expr.value == 0:
        report.add("E0405", expr.span, f"with `{name} = 0` nothing would ever be learnt")
    elif name in FRACTIONS and expr.value >= 1:
        report.add("E0405", expr.span, f"`{name}` is at least 0 and below 1")


def _numbers(arguments: dict[str, Expr]) -> dict[str, Expr]:
    """Flags as the numbers that rules reckon with."""
    return {
        name: tree.Number(expr.span, int(expr.value)) if isinstance(expr, tree.Flag) else expr
        for name, expr in arguments.items()
    }


def _scalar(expr: Expr, argument: str, report: Report) -> bool:
    """Whether an argument is a scalar over step and epoch; what is not is reported."""
    sound = True

    def complain(code: str, span: Span, message: str, help: str = "") -> None:
        nonlocal sound
        sound = False
        report.add(code, span, message, help=help)

    def step(node: Expr, inner: Sequence[None]) -> None:
        match node:
            case Name() if node.id not in TIMES:
                message = f"`{node.id}` is not known in an optimizer's argument"
                help = nearest(node.id, TIMES) or "there are `step` and `epoch`"
                complain("E0201", node.span, message, help)
            case tree.ListOf() | tree.Flag():
                complain("E0404", node.span, f"`{argument}` is a number")
            case Call():
                ops = book()
                name = node.function.id
                if name not in ops or not (ops[name].elementwise and not ops[name].hidden):
                    scalar = [op.name for op in ops.public if op.elementwise]
                    message = f"`{name}` cannot be used in an optimizer's argument"
                    complain("E0202", node.function.span, message, nearest(name, scalar))
                elif len(node.arguments) != len(ops[name].names):
                    count = f"`{name}` takes {len(ops[name].names)} arguments here"
                    complain("E0401", node.span, count, f"`{ops[name].signature}`")
            case tree.Infix() | tree.Affix():
                if not operation(node)[0].elementwise:
                    message = f"`{node.symbol}` cannot be used in an optimizer's argument"
                    complain("E0404", node.span, message)

    tree.fold(expr, step)
    return sound



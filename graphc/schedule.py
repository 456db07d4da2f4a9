"""The arguments of optimizers and schedules: numbers, flags, scalars that change with the step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from graphc import printing, tree
from graphc.arguments import complete, matched
from graphc.book import book
from graphc.constants import value, wrong
from graphc.errors import Report
from graphc.frames import TIMES, Layer
from graphc.library import shipped
from graphc.op import Op
from graphc.reading import brief, walk
from graphc.rules import operation
from graphc.tree import Call, Definition, Expr, Name

POSITIVE = {"learning_rate", "clip_norm", "clip_value"}
FRACTIONS = {"alpha", "beta1", "beta2", "mu", "momentum"}
NOT_NEGATIVE = {"epsilon", "weight_decay", "learning_rate_decay"}
ABOVE_ZERO = {"rate", "steps", "every", "factor"}  # of the schedules that ship
AT_LEAST_ZERO = {"least"}
FIRST = {"step": 1, "epoch": 0, "matrices": 1}  # what changes, as it is in the first step
SCALAR = "a number, or an expression over `step` and `epoch`"
USABLE = "there are numbers, `step`, `epoch` and element-wise operations"
DEEPEST = 100

Known = float | None  # the value of an expression, if it is known when the model is compiled


Measured = tuple[int, Known]  # how deep an expression is nested, and its value


def check(
    name: str,
    expr: Expr,
    flag: bool,
    dtype: str,
    report: Report,
    before: Mapping[str, Measured] | None = None,
) -> Measured:
    """Reports what is wrong with an argument; `flag` says whether it is true or false.

    A default may name the arguments `before` it. Gives what those behind it need to know.
    """
    if flag or isinstance(expr, tree.Flag | tree.ListOf):
        if not (flag and isinstance(expr, tree.Flag)):
            wanted = "`true` or `false`" if flag else SCALAR
            report.add(
                "E0404", expr.span, f"`{name}` must be {wanted}, not `{printing.show(expr)}`"
            )
        return 1, None
    told, earlier = len(report.found), before or {}
    depth, number = tree.fold(
        expr, lambda node, inner: _scalar(node, inner, earlier, dtype, report)
    )
    if len(report.found) > told:
        return depth, None
    if depth > DEEPEST:
        message = f"this expression has more than {DEEPEST} operations inside one another"
        report.add("E0109", expr.span, message)
        return 1, None  # those that name it are not told for its sake
    if number is not None and (problem := out_of_range(name, number)):
        report.add("E0405", expr.span, problem)
    elif number is None and (first := _first(expr)) and (problem := out_of_range(name, first)):
        # a warm-up may begin with 0
        hint = f"in the first step, where `step` is 1 and `epoch` 0, it is {first:.4g}"
        report.add("E0405", expr.span, problem, help=hint)
    return depth, number


def check_schedule(block: Definition, given: Mapping[str, Expr | Layer], report: Report) -> None:
    """Reports the arguments of a schedule that ships which are numbers out of range."""
    for argument, expr in given.items() if shipped(block.span.source) else ():
        if isinstance(expr, Layer) or any(isinstance(node, Name) for node in walk(expr)):
            continue
        number, demand = _first(expr), ""
        if argument in ABOVE_ZERO and number is not None and number <= 0:
            demand = "above 0"
        elif argument in AT_LEAST_ZERO and number is not None and number < 0:
            demand = "at least 0"
        if demand:
            message = f"`{argument}` of `{block.name.id}` must be {demand}, not `{brief(expr)}`"
            report.add("E0405", expr.span, message)


def _first(expr: Expr) -> Known:
    """The value of an argument in the first step; None if it cannot be known, or is wrong."""
    return known(expr, FIRST.get)


def known(expr: Expr, meaning: Callable[[str], Known]) -> Known:
    """The value of an expression where its names have these; None if it cannot be known."""

    def step(node: Expr, inner: Sequence[Known]) -> Known:
        if isinstance(node, tree.Number):
            return node.value
        if isinstance(node, Name):
            return meaning(node.id)
        op = None
        if isinstance(node, tree.Infix | tree.Affix):
            op = operation(node)[0]
        elif isinstance(node, Call):
            op = book().offered(node.function.id)
        numbers = [one for one in inner if one is not None]
        fits = op is not None and not op.attributes and len(op.names) == len(inner) == len(numbers)
        return value(op, numbers, {}) if op is not None and fits else None

    return tree.fold(expr, step)


def out_of_range(name: str, number: float) -> str:
    """What is wrong with the value of an argument, or the empty string."""
    if not abs(number) < float("inf"):
        return f"`{name}` is a finite number"
    if name in POSITIVE and number == 0:
        return f"with `{name} = 0` nothing would ever be learnt"
    if name in FRACTIONS and not 0 <= number < 1:
        return f"`{name}` must be at least 0 and below 1"
    least = number < 0 and name in POSITIVE | NOT_NEGATIVE
    return f"`{name}` must not be negative" if least else ""


def _scalar(
    node: Expr,
    inner: Sequence[Measured],
    before: Mapping[str, Measured],
    dtype: str,
    report: Report,
) -> Measured:
    """How deep an expression is nested, and its value; what is no scalar is reported."""
    depth = 1 + max((deep for deep, _ in inner), default=0)
    op: Op | None = None
    match node:
        case tree.Number():
            return depth, node.value
        case Name():
            if node.id in before:
                deep, number = before[node.id]
                return depth + deep, number
            if node.id not in {*TIMES, "matrices"}:
                hint = report.nearest(node.id, TIMES) or USABLE
                message = f"`{node.id}` is not known in an argument of an optimizer"
                report.add("E0201", node.span, message, help=hint)
        case tree.ListOf() | tree.Flag():
            report.add("E0404", node.span, f"`{printing.show(node)}` is no number", help=USABLE)
        case Call():
            op = _called(node, report)
        case tree.Infix() | tree.Affix():
            op = operation(node)[0]
            if not op.elementwise:
                message = f"`{node.symbol}` cannot be used in an argument of an optimizer"
                report.add("E0404", node.span, message, help=USABLE)
    if isinstance(node, tree.Infix) and node.symbol == "/" and inner[1][1] == 0:
        report.add("E0405", node.span, f"`{printing.show(node)}` divides by 0")
        return depth, None
    numbers = [known for _, known in inner if known is not None]
    if op is None or len(numbers) < len(op.names):
        return depth, None
    result = value(op, numbers, {})
    if result is not None and (problem := wrong(result, dtype)):
        report.add("E0107", node.span, f"`{printing.show(node)}` {problem}")
        return depth, None
    return depth, result


def _called(call: Call, report: Report) -> Op | None:
    """The operation of a call, if it can stand here with these arguments."""
    ops, name = book(), call.function.id
    op = ops.offered(name)
    if op is None or not op.elementwise or op.attributes:
        scalar = [one.name for one in ops.public if one.elementwise and not one.attributes]
        hint = USABLE if op else report.nearest(name, scalar) or USABLE
        message = f"`{name}` cannot be used in an argument of an optimizer"
        report.add("E0202", call.function.span, message, help=hint)
        return None
    given, sound = matched(call, op.names, op.signature, report)
    if not sound or not complete(call, given, op.names, op.signature, report):
        return None
    if tuple(given) != op.names:
        message = f"the arguments of `{name}` stand in order here"
        report.add("E0404", call.span, message, help=f"its signature is `{op.signature}`")
        return None
    return op

"""The arguments of `train`: which there are, what they may be, and what holds by default."""

from __future__ import annotations

from graphc import tree
from graphc.arguments import matched
from graphc.errors import Report
from graphc.source import Span

DEFAULTS: dict[str, int | bool] = {"epochs": 20, "batch_size": 32, "shuffle": True, "seed": 0}
LEAST = {"epochs": 0, "batch_size": 1, "seed": 0}
SIGNATURE = "train(epochs = 20, batch_size = 32, shuffle = true, seed = 0)"


def train_settings(statement: tree.Statement | None, report: Report) -> dict[str, int | bool]:
    """The defaults of `fit` after a `train` statement; what is wrong goes to `report`."""
    settings = dict(DEFAULTS)
    if not isinstance(statement, tree.Train):
        return settings
    keyword = Span(statement.span.source, statement.span.start, statement.span.start + len("train"))
    call = tree.Call(statement.span, tree.Name(keyword, "train"), statement.arguments)
    given, _ = matched(call, list(DEFAULTS), SIGNATURE, report)
    for key, expr in given.items():
        if key == "shuffle" and isinstance(expr, tree.Flag):
            settings[key] = expr.value
        elif key == "shuffle":
            report.add("E0404", expr.span, "`shuffle` must be `true` or `false`")
        elif not isinstance(expr, tree.Number) or not isinstance(expr.value, int):
            report.add("E0404", expr.span, f"`{key}` must be a whole number")
        elif expr.value < LEAST[key]:
            report.add("E0405", expr.span, f"`{key}` must be at least {LEAST[key]}")
        else:
            settings[key] = expr.value
    return settings

"""The arguments of `train`: which there are, what they may be, and what holds where none is given."""

from __future__ import annotations

from graphc import tree
from graphc.arguments import matched
from graphc.errors import Report
from graphc.source import Span

DEFAULTS: dict[str, int | bool] = {"epochs": 20, "batch_size": 32, "shuffle": True, "seed": 0}
LEAST = {"epochs": 0, "batch_size": 1, "seed": 0}


def train_settings(statement: tree.Train | None, report: Report) -> dict[str, int | bool]:
    """The defaults of `fit` after a `train` statement; what is wrong goes to `report`."""
    if statement is None:
        return dict(DEFAULTS)
    name = tree.Name(Span(statement.span.source, statement.span.start, statement.span.start + 5), "train")
    call = tree.Call(statement.span, name, statement.arguments)
    signature = f"train({', '.join(f'{k} = {tree.literal(v)}' for k, v in DEFAULTS.items())})"
    given = matched(call, list(DEFAULTS), signature.lower(), report)
    settings = dict(DEFAULTS)
    for key, expr in (given or {}).items():
        if key == "shuffle":
            if isinstance(expr, tree.Flag):
                settings[key] = expr.value
            else:
                report.add("E0404", expr.span, "`shuffle` is `true` or `false`")
        elif not isinstance(expr, tree.Number) or not isinstance(expr.value, int):
            report.add("E0404", expr.span, f"`{key}` is a whole number")
        elif expr.value < LEAST[key]:
            report.add("E0405", expr.span, f"`{key}` is at least {LEAST[key]}")
        else:
            settings[key] = expr.value
    return settings

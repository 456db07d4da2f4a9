"""Whether an optimizer's step leaves finite what is finite, so that nobody has to look."""

from __future__ import annotations

from graphc import tree
from graphc.dataflow import Settings
from graphc.library import shipped
from graphc.reading import walk
from graphc.tree import Expr, Infix, Name, Number

LARGEST, SMALLEST = 1e6, 1e-30  # of an argument that is a number; what divides is not below


def bounded(settings: Settings) -> bool:
    """Whether it is an optimizer that ships, with arguments that are finite in every step.

    A rule of the user's own may divide by anything.
    """
    rule = settings.optimizer.rule if settings.optimizer else None
    if rule is None:
        return True
    update = settings.updates[rule.function.id]
    if not shipped(update.name.span.source):
        return False
    names = [name.id for name, _ in update.arguments]
    given = [
        (one.name.id if one.name else names[place], one.value)
        for place, one in enumerate(rule.arguments)
    ]
    return all(_finite(value, divides=name == "epsilon") for name, value in given)


def _finite(expr: Expr, *, divides: bool) -> bool:
    """Whether an argument is finite whatever the step; numbers alone raise what they meet."""
    if isinstance(expr, tree.Flag):
        return True
    if isinstance(expr, Number) or divides:
        least = SMALLEST if divides else 0
        return isinstance(expr, Number) and least <= abs(expr.value) <= LARGEST
    nodes = list(walk(expr))
    vector = any(isinstance(one, Name) and one.id == "matrices" for one in nodes)
    return all(_harmless(one, vector) for one in nodes)


def _harmless(node: Expr, vector: bool) -> bool:
    match node:
        case Number():
            return abs(node.value) <= LARGEST
        case Name() | tree.Affix(symbol="-"):
            return True
        case Infix(symbol="+" | "-" | "*"):
            return True
        case Infix(symbol="/"):
            return not vector  # of plain numbers a division by 0 is told before anything changes
        case Infix(symbol="**"):
            return isinstance(node.left, Number) and 0 < node.left.value <= 1
    return shipped(node.span.source)

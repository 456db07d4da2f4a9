"""Formulas in the order in which people write them: `2 * (p - y) / batch`.

Products and quotients are gathered, numbers in them multiplied and put first, signs taken out.
Nothing else is done: the factors stay those of the chain rule, in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from graphc.explained.spelling import NOWHERE, infix
from graphc.tree import Affix, Argument, Call, Expr, Infix, ListOf, Name, Number, fold

SHORT = 7  # characters of a decimal that is told as one
MOST = 1000  # how large a part of a fraction may be
HALVES = {2, 4, 8}


def tidy(expr: Expr) -> Expr:
    """The same value in the order in which people write it."""
    return fold(expr, _tidied)


def _tidied(expr: Expr, inner: Sequence[Expr]) -> Expr:
    match expr:
        case Infix(symbol="*" | "/"):
            return _product(Infix(NOWHERE, expr.symbol, inner[0], inner[1]))
        case Infix(symbol="+" | "-"):
            return _sum(expr.symbol, inner[0], inner[1])
        case Infix():
            return Infix(NOWHERE, expr.symbol, inner[0], inner[1])
        case Affix(symbol="-"):
            return _negative(inner[0])
        case Affix():
            return Affix(NOWHERE, expr.symbol, inner[0])
        case Call():
            pairs = zip(expr.arguments, inner, strict=True)
            given = tuple(Argument(one.name, _plain(one.name, value)) for one, value in pairs)
            return _called(Call(NOWHERE, expr.function, given))
        case ListOf():
            return ListOf(NOWHERE, tuple(inner))
    return expr


def _plain(title: Name | None, value: Expr) -> Expr:
    """One axis without the brackets of a list of axes."""
    alone = title is not None and title.id == "axis" and isinstance(value, ListOf)
    return (
        value.items[0] if alone and isinstance(value, ListOf) and len(value.items) == 1 else value
    )


def _called(call: Call) -> Expr:
    """A call, or how it is written with symbols."""
    values = [one.value for one in call.arguments]
    if call.function.id == "square":
        return infix("**", values[0], Number(NOWHERE, 2))
    if call.function.id == "greater" and isinstance(values[0], Call):
        inner, zero = values[0], values[1]
        if inner.function.id == "relu" and isinstance(zero, Number) and not zero.value:
            return Call(NOWHERE, call.function, (inner.arguments[0], call.arguments[1]))
    return call


def _negative(expr: Expr) -> Expr:
    if isinstance(expr, Affix) and expr.symbol == "-":
        return expr.operand
    if isinstance(expr, Number):
        return Number(NOWHERE, -expr.value)
    return Affix(NOWHERE, "-", expr)


def _sum(symbol: str, left: Expr, right: Expr) -> Expr:
    if isinstance(right, Affix) and right.symbol == "-":
        return infix("-" if symbol == "+" else "+", left, right.operand)
    return infix(symbol, left, right)


def _product(expr: Infix) -> Expr:
    """A product's numbers, then its other factors, over what they are divided by."""
    above: list[Expr] = []
    below: list[Expr] = []
    factor = _gathered(expr, above, below)
    if factor is None:
        return expr
    first, last = _told(abs(factor))
    top = [Number(NOWHERE, first)] if first != 1 or not above else []
    bottom = [Number(NOWHERE, last)] if last != 1 else []
    whole = _joined([*top, *above])
    if bottom or below:
        whole = infix("/", whole, _joined([*bottom, *below]))
    return _negative(whole) if factor < 0 else whole


def _gathered(expr: Expr, above: list[Expr], below: list[Expr]) -> Fraction | None:
    """The number in a product; its other factors are added to the lists. None: it divides by 0."""
    factor = Fraction(1)
    todo = [(expr, True)]
    while todo:
        one, up = todo.pop()
        match one:
            case Infix(symbol="*"):
                todo += [(one.right, up), (one.left, up)]
            case Infix(symbol="/"):
                todo += [(one.right, not up), (one.left, up)]
            case Affix(symbol="-"):
                factor = -factor
                todo.append((one.operand, up))
            case Number():
                if not up and not one.value:
                    return None
                value = Fraction(repr(one.value))
                factor = factor * value if up else factor / value
            case _:
                (above if up else below).append(one)
    return factor


def _told(size: Fraction) -> tuple[int | float, int]:
    """A number as what it is and what it is divided by: x / 2, 0.1 * x, 2 * x / 3."""
    if size.denominator == 1:
        return size.numerator, 1
    decimal = float(size)
    short = len(repr(decimal)) <= SHORT
    halved = size.numerator == 1 and size.denominator in HALVES
    if halved or (not short and size.denominator <= MOST and size.numerator <= MOST):
        return size.numerator, size.denominator
    return decimal, 1


def _joined(factors: list[Expr]) -> Expr:
    whole = factors[0]
    for one in factors[1:]:
        whole = infix("*", whole, one)
    return whole

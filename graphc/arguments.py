"""Calls matched to signatures: which argument is which operand, and what the attributes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphc import tree
from graphc.dims import FITTING, Dim
from graphc.errors import Note, Report
from graphc.library import spoken
from graphc.op import Attribute, Op
from graphc.reading import brief, own_span
from graphc.scope import Scope, Told
from graphc.source import Span
from graphc.tree import Expr


@dataclass(frozen=True)
class Bound:
    """An operation with the expressions of its operands and the values of its attributes.

    Without an operation the call has an error; the operands are then those that can be told.
    """

    op: Op | None
    operands: tuple[Expr, ...]
    attributes: dict[str, Any]


def bind(call: tree.Call, op: Op, scope: Scope) -> Bound:
    """The call's arguments by name; what does not fit is reported."""
    signature, alone = op.signature, [one.value for one in call.arguments if one.name is None]
    if op.variadic and len(alone) == 1 and isinstance(alone[0], tree.ListOf):
        message = f"`{op.name}` takes its arrays one by one, not as a list"
        hint = f"leave out the brackets: `{op.name}({', '.join(map(brief, alone[0].items))}, ...)`"
        scope.report.add("E0404", alone[0].span, message, help=hint)
        return Bound(None, (), {})
    op = op.at(max(1, len(alone)))
    given, sound = matched(call, [*op.names, *op.attributes], signature, scope.report)
    needed = [*op.names, *(name for name, one in op.attributes.items() if one.required)]
    if sound:
        sound = complete(call, given, needed, signature, scope.report)
    attributes, word = {}, spoken(call.function.span, op.name)
    for name, attribute in op.attributes.items():
        if name in given:
            try:
                attributes[name] = _value(given[name], attribute, f"`{name}` of `{word}`", scope)
            except Told:
                sound = False
    operands = tuple(given[name] for name in op.names if name in given)
    return Bound(op if sound else None, operands, attributes)


def matched(
    call: tree.Call, names: Sequence[str], signature: str, report: Report
) -> tuple[dict[str, Expr], bool]:
    """The arguments by the names of a signature, and whether all fit; what does not is reported."""
    given: dict[str, Expr] = {}
    places: dict[str, Span] = {}
    sound = True
    hint = f"its signature is `{signature}`" if names else ""
    function = call.function.id
    by_name = False

    def complain(code: str, span: Span, message: str, near: str = "", *notes: Note) -> None:
        nonlocal sound
        sound = False
        report.add(code, span, message, notes=notes, help=near or hint)

    for place, argument in enumerate(call.arguments):
        where = argument.value.span
        if argument.name is not None:
            name, where, by_name = argument.name.id, argument.name.span, True
            if name not in names:
                near = report.nearest(name, names)
                complain("E0402", where, f"`{function}` has no argument `{name}`", near)
                continue
        elif by_name:
            complain("E0404", where, "an argument without a name stands behind one with a name")
            continue
        elif place >= len(names):
            count = f"{len(names)} argument{'s' if len(names) > 1 else ''}, and this is one more"
            count = count if names else "no arguments"
            complain("E0401", where, f"`{function}` takes {count}")
            break
        else:
            name = names[place]
        if name in given:
            first = Note(places[name], "first here")
            complain("E0403", where, f"`{name}` is given twice", "", first)
        else:
            given[name], places[name] = argument.value, where
    return given, sound


def complete(
    call: tree.Call, given: dict[str, Expr], needed: Sequence[str], signature: str, report: Report
) -> bool:
    """Whether every argument that a call needs is given; if not, it is reported."""
    missing = [f"`{name}`" for name in needed if name not in given]
    if missing:
        what = f"argument{'s' if len(missing) > 1 else ''} {' and '.join(missing)}"
        message = f"`{call.function.id}` lacks its {what}"
        report.add("E0401", own_span(call), message, help=f"its signature is `{signature}`")
    return not missing


WANTED = {
    "axis": "an axis (a whole number), a list of axes, or `none`",
    "axes": "a list of axes, such as `[1, 0]`",
    "one": "an axis (a whole number)",
    "some": "an axis (a whole number) or a list of axes",
    "new": "an axis (a whole number) or a list of axes",
    "flag": "`true` or `false`",
    "number": "a number",
    "pair": "a whole number, or a list of two",
    "size": "a size, such as `4` or a `dim`",
    "place": "a whole number or a size",
    "shape": "a list of sizes, such as `[batch, 64]`",
}


def _value(expr: Expr, attribute: Attribute, what: str, scope: Scope) -> Any:
    """An attribute's value; raises Told if the expression is none, which is reported."""
    match attribute.kind, expr:
        case "flag", tree.Flag(value=flag):
            return flag
        case "number", tree.Number(value=number):
            if demand := attribute.demand(number):
                message = f"{what} must be {demand}, not `{brief(expr)}`"
                scope.report.add("E0405", expr.span, message)
                raise Told
            return number
        case "axis" | "axes" | "place", tree.Name(id="none"):
            return None
        case "pair", tree.Name(id="none") if attribute.default is None:
            return None
        case "pair", _ if (pair := _pair(expr, attribute, what, scope)) is not None:
            return pair
        case "axis" | "one" | "some" | "new", tree.Number(value=int() as axis):
            return axis
        case "size" | "place", tree.Name() | tree.Number(value=int()) | tree.Infix() | tree.Affix():
            return scope.size(expr, scope.runtime.keys(), positive=attribute.kind == "size")
        case "axis" | "axes" | "some" | "new", tree.ListOf(items=items):
            axes = tuple(item.value if isinstance(item, tree.Number) else ... for item in items)
            if all(isinstance(axis, int) for axis in axes):
                return axes
        case "shape", tree.ListOf(items=items):
            return _sizes(items, scope)
    message = f"{what} must be {WANTED[attribute.kind]}, not `{brief(expr)}`"
    scope.report.add("E0404", expr.span, message)
    raise Told


def _pair(expr: Expr, attribute: Attribute, what: str, scope: Scope) -> tuple[int, ...] | None:
    """The whole numbers of a list of two, or one taken twice; None if there are none.

    Raises Told for one that it may not be, which is reported.
    """
    places = expr.items if isinstance(expr, tree.ListOf) else (expr, expr)
    numbers = tuple(one for place in places if (one := _whole(place, scope)) is not None)
    if len(places) != 2 or len(numbers) != 2:
        return None
    for number, place in zip(numbers, places, strict=True):
        if demand := attribute.demand(number):
            message = f"{what} must be {demand}, not {number}"
            scope.report.add("E0405", place.span, message)
            raise Told
    return numbers


def _whole(expr: Expr, scope: Scope) -> int | None:
    """The whole number that an expression over `dim`s is; None if it is none."""
    match expr:
        case tree.Number(value=int() as number):
            return number
        case tree.Name(id="none"):
            return None
        case tree.Name() | tree.Infix() | tree.Affix():
            return scope.size(expr, scope.runtime.keys()).known
    return None


def _sizes(items: Sequence[Expr], scope: Scope) -> tuple[Dim, ...]:
    """The sizes of a shape; raises Told if one is wrong, all of which are reported."""
    sizes: list[Dim] = []
    failed = False
    for item in items:
        try:
            sizes.append(FITTING if _fits(item) else scope.size(item, scope.runtime.keys()))
        except Told:
            failed = True
        if _fits(item) and sizes.count(FITTING) == 2:
            message = "only one size can be left to fit, and this is the second"
            scope.report.add("E0404", item.span, message)
            failed = True
    if failed:
        raise Told
    return tuple(sizes)


def _fits(size: Expr) -> bool:
    """Whether a size is left to fit: `-1` or `_`."""
    if isinstance(size, tree.Number):
        return size.value == -1
    return isinstance(size, tree.Name) and size.id == "_"

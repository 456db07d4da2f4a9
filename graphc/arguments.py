"""Calls matched to signatures: which argument is which operand, and what the attributes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphc import tree
from graphc.dims import Dim
from graphc.errors import Note, Report, nearest
from graphc.op import Attribute, Op
from graphc.scope import Scope
from graphc.tree import Expr


@dataclass(frozen=True)
class Bound:
    """An operation with the expressions of its operands and the values of its attributes."""

    op: Op
    operands: tuple[Expr, ...]
    attributes: dict[str, Any]


def bind(call: tree.Call, op: Op, scope: Scope) -> Bound | None:
    """The call's arguments by name; None if they do not fit, which is reported."""
    given = matched(call, [*op.names, *op.attributes], op.signature, scope.report)
    if given is None:
        return None
    missing = [name for name in op.names if name not in given]
    missing += [name for name, one in op.attributes.items() if one.required and name not in given]
    if missing:
        names = " and ".join(f"`{name}`" for name in missing)
        message = f"`{op.name}` needs {names} too"
        scope.report.add("E0401", call.span, message, help=f"its signature is `{op.signature}`")
        return None
    attributes = {}
    for name, attribute in op.attributes.items():
        if name in given:
            value = _value(given[name], attribute, op, name, scope)
            if value is ...:
                return None
            attributes[name] = value
    return Bound(op, tuple(given[name] for name in op.names), attributes)


def matched(
    call: tree.Call, names: list[str], signature: str, report: Report
) -> dict[str, Expr] | None:
    """The arguments by the names of a signature; None if one is unknown, double or too many."""
    given: dict[str, Expr] = {}
    sound = True
    for place, argument in enumerate(call.arguments):
        if argument.name is None:
            if place >= len(names):
                count = "1 argument" if len(names) == 1 else f"{len(names)} arguments"
                message = f"`{call.function.id}` takes {count}; this is one too many"
                help = f"its signature is `{signature}`"
                report.add("E0401", argument.value.span, message, help=help)
                return None
            name = names[place]
        else:
            name = argument.name.id
            if name not in names:
                message = f"`{call.function.id}` has no argument `{name}`"
                help = nearest(name, names) or f"its signature is `{signature}`"
                report.add("E0402", argument.name.span, message, help=help)
                sound = False
                continue
        if name in given:
            span = argument.name.span if argument.name else argument.value.span
            notes = [Note(given[name].span, "first here")]
            report.add("E0403", span, f"`{name}` is given twice", notes=notes)
            sound = False
            continue
        given[name] = argument.value
    return given if sound else None


WANTED = {
    "axis": "an axis (a whole number), a list of axes, or `none`",
    "axes": "a list of axes",
    "flag": "`true` or `false`",
    "number": "a number",
    "shape": "a list of sizes, such as `[batch, 64]`",
}


def _value(expr: Expr, attribute: Attribute, op: Op, name: str, scope: Scope) -> Any:
    value = _converted(expr, attribute.kind, scope)
    if value is ...:
        message = f"`{name}` of `{op.name}` is {WANTED[attribute.kind]}"
        got = f"this is `{tree.show(expr)[:40]}`"
        scope.report.add("E0404", expr.span, message, label=got)
    return value


def _converted(expr: Expr, kind: str, scope: Scope) -> Any:
    match kind, expr:
        case "flag", tree.Flag(value=value):
            return value
        case "number", tree.Number(value=value):
            return value
        case "axis" | "axes", tree.Name(id="none"):
            return None
        case "axis", tree.Number(value=int() as value):
            return value
        case "axis" | "axes", tree.ListOf(items=items):
            axes = tuple(item.value if isinstance(item, tree.Number) else ... for item in items)
            return axes if all(isinstance(axis, int) for axis in axes) else ...
        case "shape", tree.ListOf(items=items):
            return _shape(items, scope)
    return ...


def _shape(items: tuple[Expr, ...], scope: Scope) -> Any:
    sizes = []
    for item in items:
        if isinstance(item, tree.Number) and item.value == -1:
            sizes.append(Dim.of(-1))
        elif isinstance(item, tree.Name) and item.id == "_":
            sizes.append(Dim.of(-1))
        else:
            size = scope.size(item)
            if size is None:
                return ...
            sizes.append(size)
    return tuple(sizes)

"""Declarations of data, parameters and constants, as leaves of the graph with their shapes."""

from __future__ import annotations

from graphc import initial, printing, tree
from graphc.dataflow import Leaf
from graphc.dims import Dim, Shape, shape_of, show
from graphc.errors import Note
from graphc.initial import Start
from graphc.reading import brief, walk
from graphc.scope import Scope

Declared = tuple[Leaf, Shape] | None


def declare(statement: tree.Defining, scope: Scope) -> Declared:
    """The leaf of a declaration and its shape; None if it has an error, which is reported."""
    match statement:
        case tree.DataInput():
            shape, integer = scope.shapes[statement.type], statement.type.integer
            name, type_ = statement.name.id, statement.type
            leaf = Leaf(statement.kind, name, integer=integer, declared=type_)
            return None if shape is None else (leaf, shape)
        case tree.Param():
            return _param(statement, scope)
        case tree.Const():
            return _const(statement, scope)
    return None


def _param(statement: tree.Param, scope: Scope) -> Declared:
    name, type_, init = statement.name.id, statement.type, statement.init
    start = initial.start(init, scope.report)
    if type_ is not None and type_.integer:
        message = f"parameter `{name}` cannot be `int`: whole numbers cannot be trained"
        scope.report.add("E0307", type_.span, message)
        return None
    if start is not None and type_ is None and start.shape is None:
        message = f"parameter `{name}` has no shape"
        hint = f"give it one: `param {name} : [_, _] = {brief(init)}`"
        scope.report.add("E0504", statement.name.span, message, help=hint)
        return None
    shape = _fitted(statement, start, init, scope)
    leaf = Leaf("param", name, start, frozen=statement.frozen, init=init, declared=type_)
    return None if shape is None else (leaf, shape)


def _const(statement: tree.Const, scope: Scope) -> Declared:
    name, value, type_ = statement.name.id, statement.value, statement.type
    if not isinstance(value, tree.Number | tree.ListOf):
        message = f"`{brief(value)}` is no number or list of numbers"
        hint = "a constant is written out; an array with an initialiser is a `param ... frozen`"
        scope.report.add("E0505", value.span, message, help=hint)
        return None
    start = initial.start(value, scope.report)
    shape = _fitted(statement, start, value, scope)
    integer = type_ is not None and type_.integer
    for node in walk(value) if integer else ():
        if isinstance(node, tree.Number) and not isinstance(node.value, int):
            message = f"`{printing.show(node)}` is no whole number, and `{name}` is declared `int`"
            scope.report.add("E0307", node.span, message)
            return None
    if isinstance(value, tree.Number) and shape == () and not integer:
        return Leaf("number", name, value.value), shape
    leaf = Leaf("const", name, start, integer=integer, declared=type_)
    return None if shape is None else (leaf, shape)


def _fitted(
    statement: tree.Param | tree.Const, start: Start | None, value: tree.Expr, scope: Scope
) -> Shape | None:
    """The shape that type and value give together; None if they do not fit, which is reported."""
    name, type_ = statement.name.id, statement.type
    if start is None:
        return None
    shape = shape_of(*(start.shape or ())) if type_ is None else scope.shapes[type_]
    for dim in shape or ():
        run_time = sorted(one for one in dim.names if not one.startswith("?"))
        if run_time:
            _told_run_time(statement, run_time[0], dim, scope)
            return None
    given = start.shape if start.values is not None else None
    if shape is None or type_ is None or given is None:
        return shape
    if len(given) != len(shape) or any(
        dim.known not in {None, size} for dim, size in zip(shape, given, strict=True)
    ):
        message = f"`{name}` is declared {show(shape)}, and its value is {list(given)}"
        notes = [Note(type_.span, "declared here")]
        scope.report.add("E0306", value.span, message, notes=notes)
        return None
    return tuple(
        Dim.of(size) if dim.known is None else dim for dim, size in zip(shape, given, strict=True)
    )


def _told_run_time(statement: tree.Param | tree.Const, size: str, dim: Dim, scope: Scope) -> None:
    """Reports a size that only data have; one that nothing has is reported once for all."""
    span = dim.origin or statement.name.span
    if size in scope.runtime:
        kind = "parameter" if isinstance(statement, tree.Param) else "constant"
        message = f"{kind} `{statement.name.id}` cannot have the run-time size `{size}`"
        notes = [Note(scope.runtime[size], f"`{size}` is as large as the data are")]
        scope.report.add(
            "E0305", span, message, notes=notes, help="write a number, a `dim`, or `_`"
        )
    else:
        scope.strange.setdefault(size, []).append(span)


def told_strange(scope: Scope) -> None:
    """Reports the sizes of parameters that are neither a `dim` nor a size of data."""
    for name, spans in scope.strange.items():
        if spans and name not in scope.file.broken:
            hint = scope.report.nearest(name, scope.sizes) or f"give it a value: `dim {name} = 16`"
            others = [span for span in dict.fromkeys(spans) if span != spans[0]]
            notes = [Note(span, "and here") for span in others[:2]]
            message = f"there is no `dim` called `{name}`"
            scope.report.add("E0201", spans[0], message, notes=notes, help=hint)

"""tree -> graph: names resolved, calls matched to operations, everything put in order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

import networkx as nx

from graphc import initial, tree
from graphc.arguments import Bound, bind
from graphc.dataflow import Draft, Graph, Leaf, Node, Origin, Settings
from graphc.dims import Dim, shape_of
from graphc.errors import Note, Report, nearest
from graphc.op import book
from graphc.rules import operation
from graphc.scope import Scope, told_cycle
from graphc.settings import train_settings
from graphc.source import Span

DTYPES = ("float32", "float64")


def build(file: tree.File, report: Report, dtype: str | None = None) -> Graph:
    """The graph of a file, shapes still as declared. What is wrong goes to `report` and is left out."""
    scope = Scope(file, report)
    lowering = _Lowering(scope, report)
    for name in _order(scope):
        lowering.define(name)
    outputs, loss = lowering.outputs(), lowering.loss()
    settings = _settings(file, scope, report, dtype)
    return Graph.of(lowering.draft.nodes.values(), settings, outputs=outputs, loss=loss)


def _settings(file: tree.File, scope: Scope, report: Report, dtype: str | None) -> Settings:
    named, stated = scope.once.get(tree.ModelName), scope.once.get(tree.DType)
    stem = re.sub(r"\W", "_", PurePath(file.source.name).stem, flags=re.ASCII) or "model"
    name = named.name.id if isinstance(named, tree.ModelName) else stem
    if isinstance(stated, tree.DType):
        if stated.name.id not in DTYPES:
            message = f"`{stated.name.id}` is no dtype of this language"
            help = nearest(stated.name.id, DTYPES) or f"there are {' and '.join(DTYPES)}"
            report.add("E0703", stated.name.span, message, help=help)
        dtype = dtype or stated.name.id
    optimizer, train = scope.once.get(tree.Optimizer), scope.once.get(tree.Train)
    return Settings(
        name,
        dtype or "float32",
        PurePath(file.source.name).name,
        hashlib.sha256(file.source.text.encode()).hexdigest(),
        optimizer if isinstance(optimizer, tree.Optimizer) else None,
        train_settings(train if isinstance(train, tree.Train) else None, report),
    )


def _order(scope: Scope) -> list[str]:
    """The names of values, each after those it reads, otherwise as in the text; cycles are left out."""
    needs = nx.DiGraph()
    place = {name: index for index, name in enumerate(scope.defined)}
    for name, statement in scope.defined.items():
        if isinstance(statement, tree.Dimension):
            continue
        needs.add_node(name)
        if isinstance(statement, tree.Assign):
            used = _values(statement.value)
            needs.add_edges_from((one, name) for one in used if one in scope.defined)
    needs.remove_nodes_from([n for n, s in scope.defined.items() if isinstance(s, tree.Dimension)])
    looped = set()
    for group in nx.strongly_connected_components(needs):
        if len(group) > 1 or needs.has_edge(*list(group) * 2):
            told_cycle(scope, sorted(group, key=place.__getitem__), needs)
            looped |= group
    acyclic = needs.subgraph(name for name in needs if name not in looped)
    return list(nx.lexicographical_topological_sort(acyclic, key=place.__getitem__))


def _values(expr: tree.Expr) -> set[str]:
    """The names an expression reads as values."""
    found: set[str] = set()

    def step(node: tree.Expr, inner: object) -> None:
        if isinstance(node, tree.Name):
            found.add(node.id)

    tree.fold(expr, step)
    return found


class _Lowering:
    """Statements and expressions turned into nodes; None stands for what had an error."""

    def __init__(self, scope: Scope, report: Report) -> None:
        self.scope = scope
        self.report = report
        self.draft = Draft()
        self.values: dict[str, int | None] = {}
        self.statement: tree.Statement | None = None
        self.bound: dict[int, Bound | None] = {}

    def define(self, name: str) -> None:
        """The node of a named value."""
        self.statement = statement = self.scope.defined[name]
        match statement:
            case tree.DataInput():
                self.values[name] = self._data(statement)
            case tree.Param():
                self.values[name] = self._param(statement)
            case tree.Const():
                self.values[name] = self._const(statement)
            case tree.Assign():
                key = self.values[name] = self.expression(statement.value)
                # `b = a` and `k = 3` give a second name to what has one, or needs none
                if key is not None and (node := self.draft[key]).op and node.label is None:
                    self.draft.nodes[key] = replace(node, label=name)

    def _leaf(self, leaf: Leaf, shape: tuple[Dim, ...], span: Span, label: str | None) -> int:
        origin = Origin(self.statement, span)
        return self.draft.place(Node(-1, shape, leaf=leaf, label=label, origin=origin))

    def _data(self, statement: tree.DataInput) -> int | None:
        shape = self.scope.shape(statement.type)
        if shape is None:
            return None
        name = statement.name.id
        integer = statement.type.integer
        leaf = Leaf(statement.kind, name, integer=integer, declared=statement.type)
        return self._leaf(leaf, shape, statement.name.span, name)

    def _param(self, statement: tree.Param) -> int | None:
        name = statement.name.id
        start = initial.start(statement.init, self.report)
        shape = self.scope.shape(statement.type) if statement.type else None
        if statement.type is None and start is not None:
            if start.shape is None:
                message = f"parameter `{name}` has no shape"
                help = f"give it one: `param {name} : [_, _] = {tree.show(statement.init)}`"
                self.report.add("E0504", statement.span, message, help=help)
                return None
            shape = shape_of(*start.shape)
        if statement.type is not None and statement.type.integer:
            message = f"parameter `{name}` cannot be `int`: only data can"
            self.report.add("E0307", statement.type.span, message)
            return None
        if shape is None or start is None:
            return None
        for dim in shape:
            run_time = sorted(one for one in dim.names if not one.startswith("?"))
            if run_time:
                message = f"parameter `{name}` has the run-time size `{run_time[0]}`"
                help = nearest(run_time[0], self.scope.sizes)
                help = help or f"give it a value: `dim {run_time[0]} = 16`"
                self.report.add("E0305", dim.origin or statement.span, message, help=help)
                return None
        leaf = Leaf(
            "param",
            name,
            start,
            frozen=statement.frozen,
            init=statement.init,
            declared=statement.type,
        )
        return self._leaf(leaf, shape, statement.name.span, name)

    def _const(self, statement: tree.Const) -> int | None:
        name, value, type_ = statement.name.id, statement.value, statement.type
        shape = self.scope.shape(type_) if type_ else None
        if type_ is not None and shape is None:
            return None
        if isinstance(value, tree.Number) and not shape:
            return self._leaf(Leaf("number", name, value.value), (), statement.span, None)
        start = initial.start(value, self.report) if not isinstance(value, tree.Name) else None
        if start is None or start.name not in {"values", "constant"}:
            if start is not None or isinstance(value, tree.Name):
                message = f"`{tree.show(value)[:40]}` is no fixed array or number"
                self.report.add("E0502", value.span, message, help="write numbers, or `param`")
            return None
        integer = type_ is not None and type_.integer
        leaf = Leaf("const", name, start, integer=integer, declared=type_)
        return self._leaf(leaf, shape or shape_of(*(start.shape or ())), statement.span, name)

    # -- expressions -----------------------------------------------------------------------------

    def expression(self, expr: tree.Expr) -> int | None:
        """The node of an expression; None if something in it is wrong, which is reported."""
        return tree.fold(expr, self._node, self._operands)

    def _operands(self, expr: tree.Expr) -> Sequence[tree.Expr]:
        if isinstance(expr, tree.Call):
            self.bound[id(expr)] = bound = self._bind(expr)
            return bound.operands if bound else ()
        return () if isinstance(expr, tree.ListOf) else tree.parts(expr)

    def _bind(self, call: tree.Call) -> Bound | None:
        name, ops = call.function.id, book()
        if name in ops and not ops[name].hidden:
            return bind(call, ops[name], self.scope)
        message = f"there is no operation `{name}`"
        notes = []
        if name in self.scope.defined:
            message = f"`{name}` is a value and cannot be called"
            notes = [Note(self.scope.defined[name].name.span, "defined here")]
        help = nearest(name, [op.name for op in ops.public])
        self.report.add("E0202", call.function.span, message, notes=notes, help=help)
        return None

    def _node(self, expr: tree.Expr, inner: Sequence[int | None]) -> int | None:
        match expr:
            case tree.Number(value=value):
                return self._leaf(Leaf("number", value=value), (), expr.span, None)
            case tree.Name():
                return self._named(expr)
            case tree.ListOf():
                start = initial.start(expr, self.report)
                if start is None:
                    return None
                shape = shape_of(*(start.shape or ()))
                return self._leaf(Leaf("const", "", start), shape, expr.span, None)
            case tree.Flag():
                message = f"`{tree.show(expr)}` is no value to compute with"
                self.report.add("E0206", expr.span, message)
                return None
        if isinstance(expr, tree.Call):
            bound = self.bound[id(expr)]
            op, attributes = (bound.op, bound.attributes) if bound else (None, {})
        else:
            op, attributes = operation(expr)[0], {}
        operands = tuple(key for key in inner if key is not None)
        if op is None or len(operands) < len(inner):
            return None
        origin = Origin(self.statement, expr.span)
        return self.draft.place(Node(-1, (), op, operands, attributes, origin=origin))

    def _named(self, expr: tree.Name) -> int | None:
        name = expr.id
        if name in self.values:
            return self.values[name]
        if name in self.scope.sizes or name in self.scope.runtime:
            size = self.scope.sizes.get(name, Dim.of(name))
            value = size if size.known is None else size.known
            return self._leaf(Leaf("number", value=value), (), expr.span, None)
        if name in self.scope:
            return None
        ops = book()
        if name in ops and not ops[name].hidden:
            message, help = f"`{name}` is an operation, not a value", f"call it: `{name}(...)`"
            self.report.add("E0206", expr.span, message, help=help)
            return None
        candidates = [*self.scope.defined]
        self.report.add(
            "E0201", expr.span, f"`{name}` is not defined", help=nearest(name, candidates)
        )
        return None

    # -- roots -----------------------------------------------------------------------------------

    def outputs(self) -> dict[str, int]:
        """The values that `predict` returns, by name."""
        statement = self.scope.once.get(tree.Output)
        found: dict[str, int] = {}
        for name in statement.names if isinstance(statement, tree.Output) else ():
            self.statement = statement
            key = self._named(name)
            if name.id in found:
                self.report.add("E0203", name.span, f"`{name.id}` is listed twice")
            if key is not None:
                found[name.id] = key
        return found

    def loss(self) -> int | None:
        """The node of the loss."""
        statement = self.scope.once.get(tree.Loss)
        if not isinstance(statement, tree.Loss):
            if not self.scope.file.broken or self.scope.file.statements:
                text = self.scope.file.source
                self.report.add(
                    "E0601",
                    None,
                    f"{text.name} has no `loss`",
                    help="a model trains on one number: `loss mse(p, y)`",
                )
            return None
        self.statement = statement
        return self.expression(statement.value)

"""Statements and expressions turned into nodes of the graph, in an order that is given."""

from __future__ import annotations

from collections.abc import Sequence

from graphc import initial, printing, tree
from graphc.arguments import Bound, bind
from graphc.book import book
from graphc.dataflow import Leaf, Node, Origin
from graphc.declare import declare
from graphc.dims import Dim, Shape, shape_of
from graphc.draft import Draft
from graphc.errors import Note, Report
from graphc.rules import operation
from graphc.scope import KIND, Scope
from graphc.source import Span

MOST_VALUES = 300_000  # operations, numbers and declared names: compiled in minutes


class Lowering:
    """Makes the nodes of one file; a key of None stands for what had an error."""

    def __init__(self, scope: Scope, report: Report) -> None:
        self.scope = scope
        self.report = report
        self.draft = Draft()
        self.values: dict[str, int | None] = {}
        self.statement: tree.Statement | None = None
        self.bound: dict[int, Bound] = {}
        self.unknown: dict[str, list[Span]] = {}

    def define(self, name: str) -> None:
        """Makes the node of a named value; what it reads must have been defined before."""
        statement = self.scope.defined[name]
        key = self.values[name] = self._defined(statement)
        # `b = a` and `k = 3` give a second name to what has one, or needs none
        if key is not None and isinstance(statement, tree.Assign):
            node = self.draft[key]
            if node.op is not None and node.label is None:
                self.draft.nodes[key] = node._replace(label=name)

    def rest(self) -> None:
        """Reads the definitions whose names were taken, for the mistakes in them."""
        for statement in self.scope.again:
            self._defined(statement)

    def _defined(self, statement: tree.Defining) -> int | None:
        self.statement = statement
        if isinstance(statement, tree.Assign):
            return self.expression(statement.value)
        declared = declare(statement, self.scope)
        if declared is None:
            return None
        leaf, shape = declared
        if leaf.kind == "number":
            return self._leaf(leaf, shape, statement.span, None)
        return self._leaf(leaf, shape, statement.name.span, statement.name.id)

    def _leaf(self, leaf: Leaf, shape: Shape, span: Span, label: str | None) -> int:
        self._few(span)
        origin = Origin(self.statement, span)
        return self.draft.place(Node(-1, shape, leaf=leaf, label=label, origin=origin))

    def _few(self, span: Span) -> None:
        """Stops where there are too many values to go on."""
        if self.draft.next == MOST_VALUES:
            message = f"the model has more than {MOST_VALUES:,} operations, numbers and names"
            self.report.add("E0906", span, message, label="one too many")
            self.report.stop_if_failed()

    # -- expressions -----------------------------------------------------------------------------

    def expression(self, expr: tree.Expr) -> int | None:
        """The node of an expression; None if something in it is wrong, which is reported."""
        return tree.fold(expr, self._node, self._operands)

    def _operands(self, expr: tree.Expr) -> Sequence[tree.Expr]:
        if isinstance(expr, tree.Call):
            self.bound[id(expr)] = bound = self._bind(expr)
            return bound.operands
        return () if isinstance(expr, tree.ListOf) else tree.parts(expr)

    def _bind(self, call: tree.Call) -> Bound:
        name, ops = call.function.id, book()
        if op := ops.offered(name):
            return bind(call, op, self.scope)
        notes, message = [], f"there is no operation or block `{name}`"
        known = [op.name for op in ops.public]
        known += self.scope.file.blocks
        hint = self.report.nearest(name, known) or "`graphc ops` lists the operations"
        if name in self.scope.defined:
            defined = self.scope.defined[name]
            message = f"`{name}` is {KIND[type(defined)]}, not an operation"
            notes = [Note(defined.name.span, "defined here")]
            hint = f"a product is written `{name} * ...`"
        if name not in self.scope.file.broken and not self._misspelt(name):
            self.report.add("E0202", call.function.span, message, notes=notes, help=hint)
        given = [one.value for one in call.arguments if one.name is None]
        read = [one for one in given if not isinstance(one, tree.ListOf | tree.Flag)]
        return Bound(None, tuple(read), {})

    def _misspelt(self, name: str) -> bool:
        """Whether a name is of a layer that there is not, which is told where it is defined."""
        defined = self.scope.defined.get(name)
        value = defined.value if isinstance(defined, tree.Assign) else None
        if not isinstance(value, tree.Call):
            return False
        layer = value.function.id
        known = layer in self.scope.defined or layer in self.scope.file.blocks
        return not known and book().offered(layer) is None

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
                message = f"`{printing.show(expr)}` is no value to compute with"
                self.report.add("E0206", expr.span, message)
                return None
            case tree.Call():
                bound = self.bound[id(expr)]
                op, attributes = bound.op, bound.attributes
            case _:
                op, attributes = operation(expr)[0], {}
        operands = tuple(key for key in inner if key is not None)
        if op is None or len(operands) < len(inner):
            return None
        self._few(expr.span)
        origin = Origin(self.statement, expr.span)
        return self.draft.place(Node(-1, (), op, operands, attributes, origin=origin))

    def _named(self, expr: tree.Name) -> int | None:
        name, scope = expr.id, self.scope
        if name in self.values:
            return self.values[name]
        if name in scope.sizes or name in scope.runtime:
            size = scope.sizes.get(name, Dim.of(name))
            if size is None:
                return None
            value = size if size.known is None else size.known
            return self._leaf(Leaf("number", value=value), (), expr.span, None)
        operation = book().offered(name)
        if (operation or name in scope.file.blocks) and name not in scope:
            what = "an operation" if operation else "a block"
            message, hint = f"`{name}` is {what}, not a value", f"call it: `{name}(...)`"
            self.report.add("E0206", expr.span, message, help=hint)
        elif name not in scope:
            self.unknown.setdefault(name, []).append(expr.span)
        return None

    # -- roots -----------------------------------------------------------------------------------

    def outputs(self) -> dict[str, int]:
        """The values that `predict` returns, by name."""
        self.statement = statement = self.scope.once.get("output")
        found: dict[str, int] = {}
        first: dict[str, Span] = {}
        for name in statement.names if isinstance(statement, tree.Output) else ():
            key = self._named(name)
            if name.id in first:
                notes = [Note(first[name.id], "first here")]
                self.report.add("E0203", name.span, f"`{name.id}` is listed twice", notes=notes)
            elif key is not None and self.draft[key].number is not None:
                message = f"`{name.id}` is a fixed number: there is nothing to predict"
                self.report.add("E0604", name.span, message)
            elif key is not None:
                found[name.id] = key
            first.setdefault(name.id, name.span)
        return found

    def loss(self) -> int | None:
        """The node of the loss."""
        self.statement = statement = self.scope.once.get("loss")
        if isinstance(statement, tree.Loss):
            return self.expression(statement.value)
        if "loss" not in self.scope.file.broken:
            self._told_no_loss()
        return None

    def _told_no_loss(self) -> None:
        file = self.scope.file
        last = file.statements[-1].span.after if file.statements else Span(file.source, 0, 0)
        targets = [
            s for s in file.statements if isinstance(s, tree.DataInput) and s.kind == "target"
        ]
        output = self.scope.once.get("output")
        p = output.names[0].id if isinstance(output, tree.Output) else "p"
        y = targets[0].name.id if targets else "y"
        labels = bool(targets) and targets[0].type.integer
        self.report.add(
            "E0601",
            last,
            "the model has no `loss`: there is nothing that training could make small",
            label="the file ends without one",
            help=f"write one, such as `loss {'cross_entropy(' if labels else 'mse('}{p}, {y})`",
        )

    def told_unknown(self) -> None:
        """Reports the names that nothing defines, each where it stands first."""
        known = [*self.scope.defined, *self.scope.runtime]
        for name, spans in self.unknown.items():
            first, *others = sorted(spans, key=lambda span: span.start)
            hint = self.report.nearest(name, known)
            if "." in name and not hint:
                hint = "a dot stands in `a.T`, the transpose, and in names inside a block: `h.W`"
            if not hint:
                hint = f"`param {name} : [SIZE, ...] = zeros` and `{name} = ...` define names, "
                hint += f"and so do `input {name} : [batch, ...]` and `target`"
            notes = [Note(span, "and here") for span in others[:2]]
            self.report.add("E0201", first, f"`{name}` is not defined", notes=notes, help=hint)

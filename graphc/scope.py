"""What a file declares: each name once, sizes evaluated, types as shapes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import networkx as nx

from graphc import tree
from graphc.dims import Dim, Shape
from graphc.errors import Note, Report, nearest
from graphc.source import Span

Defining = tree.Dimension | tree.DataInput | tree.Param | tree.Const | tree.Assign
ONCE = (
    tree.Version,
    tree.ModelName,
    tree.DType,
    tree.Loss,
    tree.Output,
    tree.Optimizer,
    tree.Train,
)
LARGEST = 2**40


@dataclass
class Scope:
    """The declarations of one file, by name and by kind of statement."""

    file: tree.File
    report: Report
    defined: dict[str, Defining] = field(default_factory=dict)
    once: dict[type, tree.Statement] = field(default_factory=dict)
    sizes: dict[str, Dim] = field(default_factory=dict)
    runtime: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for index, statement in enumerate(self.file.statements):
            if isinstance(statement, ONCE):
                self._once(statement)
                if isinstance(statement, tree.Version):
                    self._version(statement, index)
            else:
                self._define(statement)
        self._sizes()

    def __contains__(self, name: str) -> bool:
        return name in self.defined or name in self.file.broken

    def _once(self, statement: tree.Statement) -> None:
        first = self.once.setdefault(type(statement), statement)
        if first is not statement:
            keyword = statement.span.text.split("(")[0].split()[0]
            self.report.add(
                "E0204",
                statement.span,
                f"`{keyword}` may stand only once",
                notes=[Note(first.span, "first here")],
                help="list all outputs in one statement: `output a, b`"
                if keyword == "output"
                else "",
            )

    def _version(self, statement: tree.Version, index: int) -> None:
        if statement.number.value != 1:
            message = f"version {tree.literal(statement.number.value)} of the language is unknown"
            self.report.add("E0106", statement.number.span, message, help="this is version 1: `nn 1`")
        if index:
            self.report.add("E0207", statement.span, "`nn` must be the first statement")

    def _define(self, statement: Defining) -> None:
        name = statement.name
        first = self.defined.setdefault(name.id, statement)
        if first is not statement:
            notes = [Note(first.name.span, "first defined here")]
            self.report.add("E0203", name.span, f"`{name.id}` is defined twice", notes=notes)
        if name.id == "_":
            self.report.add("E0206", name.span, "`_` stands for an unknown size and is no name")

    def _sizes(self) -> None:
        """Evaluates every `dim`, each after those it names."""
        dims = {k: v for k, v in self.defined.items() if isinstance(v, tree.Dimension)}
        needs = nx.DiGraph()
        needs.add_nodes_from(dims)
        for name, statement in dims.items():
            needs.add_edges_from(
                (other, name) for other in _names(statement.value) if other in dims
            )
        for group in nx.strongly_connected_components(needs):
            if len(group) > 1 or any(needs.has_edge(name, name) for name in group):
                told_cycle(self, sorted(group, key=lambda n: dims[n].span.start), needs)
                for name in group:
                    self.sizes[name] = Dim.of(1)
        acyclic = needs.subgraph(name for name in needs if name not in self.sizes)
        for name in nx.topological_sort(acyclic):
            value = self.size(dims[name].value, strict=True)
            label, origin = name, dims[name].name.span
            self.sizes[name] = replace(value or Dim.of(1), label=label, origin=origin)

    def size(self, expr: tree.Expr, *, strict: bool = False) -> Dim | None:
        """The size that an expression means; None if it is none, which is reported.

        In a type, a name that is no `dim` is a run-time dimension; `strict` forbids that.
        """
        failed = False

        def step(node: tree.Expr, inner: list[Dim | None]) -> Dim | None:
            nonlocal failed
            result = self._size(node, inner, strict)
            if result is None and not failed:
                failed = True
                if None not in inner:
                    message = f"`{tree.show(node)[:60]}` is no size"
                    help = "sizes are whole numbers, `dim` names, and sums and products of them"
                    self.report.add("E0304", node.span, message, help=help)
            return result

        value = tree.fold(expr, step)  # type: ignore[arg-type]
        if value is None:
            return None
        if value.known is not None and not 0 < value.known <= LARGEST:
            what = "too large" if value.known > 0 else "not positive"
            self.report.add("E0304", expr.span, f"the size {value.known} is {what}")
            return None
        return replace(value, origin=expr.span)

    def _size(self, node: tree.Expr, inner: list[Dim | None], strict: bool) -> Dim | None:
        match node, inner:
            case tree.Number(value=int()), _:
                return Dim.of(int(node.value))
            case tree.Name(), _ if node.id in self.sizes:
                return self.sizes[node.id]
            case tree.Name(id="_"), _ if not strict:
                return replace(Dim.of(f"?{node.span.start}"), origin=node.span)
            case tree.Name(), _ if node.id in self:
                if node.id in self.defined:
                    what = f"`{node.id}` is no size"
                    notes = [Note(self.defined[node.id].name.span, "defined here")]
                    self.report.add("E0206", node.span, what, notes=notes)
                return Dim.of(1)
            case tree.Name(), _ if strict:
                help = nearest(node.id, self.sizes)
                self.report.add("E0201", node.span, f"`{node.id}` is no known size", help=help)
                return Dim.of(1)
            case tree.Name(), _:
                self.runtime.add(node.id)
                return Dim.of(node.id)
            case tree.Infix(symbol="+"), [Dim() as a, Dim() as b]:
                return a + b
            case tree.Infix(symbol="-"), [Dim() as a, Dim() as b]:
                return a + b * Dim.of(-1)
            case tree.Infix(symbol="*"), [Dim() as a, Dim() as b]:
                return a * b
            case tree.Infix(symbol="/"), [Dim() as a, Dim() as b] if b.known != 0:
                return a // b
            case tree.Infix(symbol="**"), [Dim() as a, Dim(known=int() as power)] if (
                0 <= power <= 40
            ):
                return math.prod([a] * power, start=Dim.of(1))
        return None

    def shape(self, type_: tree.Type) -> Shape | None:
        """The shape that a type means; None if a size in it is wrong, which is reported."""
        sizes = [self.size(dim) for dim in type_.dims]
        return None if None in sizes else tuple(size for size in sizes if size is not None)


def _names(expr: tree.Expr) -> set[str]:
    found: set[str] = set()

    def step(node: tree.Expr, inner: object) -> None:
        if isinstance(node, tree.Name):
            found.add(node.id)

    tree.fold(expr, step)
    return found


SHOWN = 8


def told_cycle(scope: Scope, members: list[str], needs: nx.DiGraph) -> None:
    """Reports the shortest cycle through the first of `members`, whole or, if long, clipped."""
    start = members[0]
    within = needs.subgraph(members)
    paths = [
        [start, *nx.shortest_path(within, after, start)]
        for after in within.successors(start)
        if nx.has_path(within, after, start)
    ]
    # an edge runs from what is read to its reader; people follow it the other way
    cycle = min(paths, key=len)[::-1]
    shown = cycle if len(cycle) <= SHOWN else [*cycle[:4], "...", *cycle[-3:]]
    notes = []
    for name in dict.fromkeys(shown):
        if name in scope.defined and name != start:
            notes.append(Note(_name_span(scope, name), f"`{name}` is part of it"))
    scope.report.add(
        "E0205",
        _name_span(scope, start),
        f"`{start}` depends on itself: {' -> '.join(shown)}",
        label="computed from itself",
        notes=notes,
        help="a graph has no loops: each value must come from values before it",
    )


def _name_span(scope: Scope, name: str) -> Span:
    return scope.defined[name].name.span

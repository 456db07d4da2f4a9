"""What a file declares: each name once, sizes evaluated, types as shapes."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from itertools import count

import networkx as nx

from graphc import printing, tree
from graphc.cycles import told_cycles
from graphc.dims import MOST_AXES, Dim, Shape
from graphc.errors import Note, Report
from graphc.extent import LARGEST, MOST_FACTORS, MOST_TERMS
from graphc.reading import brief, names
from graphc.source import Span

NUMERAL = "a whole number is written without point and exponent"
SIZES = "a size is a whole number, a `dim`, or a sum or product of sizes"


class Told(Exception):
    """What was asked for has no value, because of an error that is in the report."""


@dataclass
class Scope:
    """The declarations of one file, by name and by keyword."""

    file: tree.File
    report: Report
    defined: dict[str, tree.Defining] = field(default_factory=dict)
    again: list[tree.Defining] = field(default_factory=list)  # whose name was taken
    once: dict[str, tree.Statement] = field(default_factory=dict)
    sizes: dict[str, Dim | None] = field(default_factory=dict)
    runtime: dict[str, Span] = field(default_factory=dict)  # sizes that data bring, and where
    shapes: dict[tree.Type, Shape | None] = field(default_factory=dict)  # None: it has an error
    strange: dict[str, list[Span]] = field(default_factory=dict)  # used as sizes, and are none
    blanks: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        for index, statement in enumerate(self.file.statements):
            if isinstance(statement, tree.Defining):
                self._define(statement)
            else:
                self._once(statement, index)
        self._sizes()
        self._types()

    def __contains__(self, name: str) -> bool:
        return name in self.defined or name in self.file.broken

    def _once(self, statement: tree.Statement, index: int) -> None:
        keyword = KEYWORD.get(type(statement), "")
        if isinstance(statement, tree.Setting):
            keyword = statement.keyword
        first = self.once.setdefault(keyword, statement)
        if first is not statement:
            message, notes = f"`{keyword}` stands twice", [Note(first.span, "first here")]
            hint = TOGETHER.get(keyword, "")
            self.report.add("E0204", statement.span, message, notes=notes, help=hint)
        elif keyword == "nn" and isinstance(statement, tree.Setting):
            number = statement.value
            if isinstance(number, tree.Number) and number.value != 1:
                message = f"there is no version {printing.show(number)} of the language"
                self.report.add("E0106", number.span, message, help="this graphc reads `nn 1`")
            if index:
                hint = "move it to the top of the file"
                message = "`nn` is not the first statement"
                self.report.add("E0207", statement.span, message, help=hint)

    def _define(self, statement: tree.Defining) -> None:
        name = statement.name
        first = self.defined.setdefault(name.id, statement)
        if name.id == "_":
            message = "`_` stands for a size to be inferred and is no name"
            self.report.add("E0206", name.span, message)
        elif first is not statement:
            self.again.append(statement)
            notes = [Note(first.name.span, "first defined here")]
            hint = (
                "give the new value a name of its own" if isinstance(statement, tree.Assign) else ""
            )
            message = f"`{name.id}` is defined twice"
            self.report.add("E0203", name.span, message, notes=notes, help=hint)

    def _sizes(self) -> None:
        """Evaluates every `dim`, each after those it names."""
        dims = {k: v for k, v in self.defined.items() if isinstance(v, tree.Dimension)}
        needs = nx.DiGraph()
        needs.add_nodes_from(dims)
        for name, statement in dims.items():
            needs.add_edges_from((other, name) for other in names(statement.value) if other in dims)
        self.sizes = dict.fromkeys(told_cycles(self.defined, needs, self.report))
        acyclic = needs.subgraph(name for name in needs if name not in self.sizes)
        for name in nx.topological_sort(acyclic):
            try:
                value = self.size(dims[name].value, frozenset())
                self.sizes[name] = replace(value, label=name, origin=dims[name].name.span)
            except Told:
                self.sizes[name] = None

    def _types(self) -> None:
        """Evaluates every type, after it is known which run-time sizes there are."""
        typed = [one for one in self.file.statements if isinstance(one, TYPED)]
        bare: set[str] = set()
        for one in typed:
            for dim in one.type.dims if isinstance(one, tree.DataInput) else ():
                for name, node in names(dim).items():
                    if name not in self and name != "_":
                        self.runtime.setdefault(name, node.span)
                        bare |= {name} if dim is node else set()
        for name in self.runtime:
            if name not in bare and not self.file.broken:
                message = f"the data do not say how large `{name}` is"
                hint = f"one of them needs a dimension that is just `{name}`"
                self.report.add("E0302", self.runtime[name], message, help=hint)
        for one in typed:
            if one.type is not None:
                self.shapes[one.type] = self._shape(one.type)

    def _shape(self, type_: tree.Type) -> Shape | None:
        """The shape that a type means; None if a size in it is wrong, which is reported."""
        sizes: list[Dim | None] = []
        for dim in type_.dims:
            try:
                sizes.append(self.size(dim))
            except Told:
                sizes.append(None)
        if len(sizes) > MOST_AXES:
            message = f"an array has at most {MOST_AXES} dimensions; this one has {len(sizes)}"
            self.report.add("E0308", type_.span, message)
            return None
        return tuple(size for size in sizes if size is not None) if None not in sizes else None

    def size(
        self, expr: tree.Expr, runtime: Set[str] | None = None, *, positive: bool = True
    ) -> Dim:
        """The size that an expression means; raises Told if it is none, which is reported.

        Names that are no `dim` are run-time sizes: those in `runtime`, in a type any. One that is
        not `positive` counts from an end.
        """

        def step(node: tree.Expr, inner: list[Dim]) -> Dim:
            result = (
                self._named(node, runtime) if isinstance(node, tree.Name) else size_of(node, inner)
            )
            if result is None:
                division = isinstance(node, tree.Infix) and node.symbol == "/"
                what = "whole number" if division else "size"
                hint = NUMERAL if isinstance(node, tree.Number) else SIZES
                self.report.add("E0304", node.span, f"`{brief(node)}` is no {what}", help=hint)
                raise Told
            if _vast(result):
                self.report.add("E0304", node.span, f"the size `{brief(node)}` is too large")
                raise Told
            return result

        value = tree.fold(expr, step)  # type: ignore[arg-type]
        least = 1 if positive else -LARGEST
        if value.known is not None and not least <= value.known <= LARGEST:
            what = "too large" if value.known > 0 else "not positive" if positive else "too small"
            self.report.add("E0304", expr.span, f"the size {value.known} is {what}")
            raise Told
        return replace(value, origin=expr.span)

    def _named(self, node: tree.Name, runtime: Set[str] | None) -> Dim:
        """The size of a name; raises Told if it has none."""
        name = node.id
        if name in self.sizes:
            size = self.sizes[name]
            if size is None:
                raise Told
            return size
        if name == "_" and runtime is None:
            return replace(Dim.of(f"?at{next(self.blanks)}"), origin=node.span)
        if name in self:
            if name in self.defined and name not in self.strange:
                self.strange[name] = []
                one = self.defined[name]
                number = isinstance(one, tree.Assign) and isinstance(one.value, tree.Number)
                hint = f"declare it with `dim {name} = ...`" if number else SIZES
                notes = [Note(one.name.span, "defined here")]
                message = f"`{name}` is {KIND[type(one)]}, not a size"
                self.report.add("E0206", node.span, message, notes=notes, help=hint)
            raise Told
        if runtime is None or name in runtime:
            return Dim.of(name)
        hint = self.report.nearest(name, [*self.sizes, *runtime])
        self.report.add("E0201", node.span, f"there is no size called `{name}`", help=hint)
        raise Told


TYPED = tree.DataInput | tree.Param | tree.Const
KIND = {
    tree.Dimension: "a size",
    tree.DataInput: "data",
    tree.Param: "a parameter",
    tree.Const: "a constant",
    tree.Assign: "a value",
}
KEYWORD = {
    tree.Loss: "loss",
    tree.Output: "output",
    tree.Optimizer: "optimizer",
    tree.Train: "train",
}
TOGETHER = {
    "loss": "a model has one loss; add the two: `loss a + b`",
    "output": "name all of them in one statement: `output a, b`",
    "train": "give all arguments in one statement",
}


def _power(base: Dim, power: int) -> Dim:
    result = Dim.of(1)
    # beyond 99 only the sign of the power of -1 changes, or the result is vast
    for _ in range(min(power, 100 + power % 2)):
        if _vast(result := result * base):
            break
    return result


def _vast(size: Dim) -> bool:
    """Whether a size is beyond what is computed with."""
    return len(size.terms) > MOST_TERMS or any(
        abs(factor) > LARGEST**2 or len(names) > MOST_FACTORS for names, factor in size.terms
    )


def size_of(node: tree.Expr, inner: list[Dim]) -> Dim | None:
    """The size of a number or of an operation on sizes; None if there is none."""
    match node, inner:
        case tree.Number(value=int() as value), _:
            return Dim.of(value)
        case tree.Affix(symbol="-"), [a]:
            return a * Dim.of(-1)
        case tree.Infix(symbol="+"), [a, b]:
            return a + b
        case tree.Infix(symbol="-"), [a, b]:
            return a + b * Dim.of(-1)
        case tree.Infix(symbol="*"), [a, b]:
            return a * b
        case tree.Infix(symbol="/"), [a, b] if b.known != 0:
            return a // b
        case tree.Infix(symbol="**"), [a, Dim(known=int() as power)] if power >= 0:
            return _power(a, power)
    return None

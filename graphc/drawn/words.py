"""What stands in a node: the user's own words, with a name or a dot for what is drawn elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from lark.exceptions import UnexpectedInput

from graphc import tree
from graphc.dataflow import Graph, Node
from graphc.dims import Shape
from graphc.drawn.picture import Chain
from graphc.language import parse_rule
from graphc.printing import show
from graphc.tree import Expr

ELSEWHERE = "·"  # a value without a name, which an edge brings
WIDEST = 34
MOST_LINES = 3
BREAK = re.compile(r"(?<=,) | (?=\|>)|(?<= [-+*/@]) ")


def local(label: str) -> str:
    """The last word of a name as it stands in a block: `query` of `h.1.query`, but `h.1`."""
    *before, last = label.split(".")
    return f"{before[-1]}.{last}" if before and last.isdigit() else last


def size(shape: Shape) -> str:
    """A shape in the names that the user gave its sizes: `[batch, time, 64]`."""
    return f"[{', '.join(dim.label or dim.code for dim in shape)}]"


def wrapped(text: str) -> list[str]:
    """A text in a few lines, broken where it reads well; its end is left out if it is long."""
    lines: list[str] = []
    for piece in BREAK.split(text):
        if lines and len(lines[-1]) + len(piece) < WIDEST:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    lines = [line if len(line) <= 2 * WIDEST else line[: 2 * WIDEST - 2] + " …" for line in lines]
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], "…"]


def _closed(node: Node) -> str:
    """The text of an expression; its place may leave out a bracket at an end."""
    text = node.origin.span.text if node.origin.span else ""
    more = text.count("(") - text.count(")")
    return "(" * -more + text + "\n" + ")" * more


def plain(text: str) -> str:
    """An expression on one line, without comments."""
    try:
        return show(parse_rule(f"y = {text}\n")["y"])
    except (UnexpectedInput, AttributeError):
        return " ".join(text.split())


def _copied(expr: Expr, made: Mapping[int, Expr], kind: str) -> Expr:
    """An operation with other parts, and the name of what it is where the user's was a layer."""

    def of(one: Expr) -> Expr:
        return made.get(id(one), one)

    match expr:
        case tree.Infix():
            return replace(expr, left=of(expr.left), right=of(expr.right))
        case tree.Affix():
            return replace(expr, operand=of(expr.operand))
        case tree.Call():
            given = tuple(replace(one, value=of(one.value)) for one in expr.arguments)
            return replace(expr, function=replace(expr.function, id=kind), arguments=given)
    return expr


class Words:
    """The formulas of one graph; `called` keeps what its readers in a block call a value.

    `results` are the words for values that a block gives, and the user no name.
    """

    def __init__(self, graph: Graph, results: Mapping[int, str]) -> None:
        self.graph, self.results = graph, results
        self.unnamed = {ELSEWHERE, *results.values()}
        self.called: dict[tuple[Chain, int], str] = {}

    def formula(self, root: int, group: Collection[int], place: Chain) -> str:
        """What computes a value, as it was written; what is not in the group is a name or a dot."""
        node = self.graph[root]
        try:
            written = parse_rule(f"y = {_closed(node)}")["y"]
        except (UnexpectedInput, AttributeError):
            return node.kind
        shown = show(self._put(written, node, group, place))
        first, pipe, rest = shown.partition(" |> ")
        return rest if pipe and first in self.unnamed else shown

    def _put(self, written: Expr, root: Node, group: Collection[int], place: Chain) -> Expr:
        """The expression with names or dots put in."""
        meant = {id(written): root.key}
        inside: dict[int, list[Expr]] = {}
        put: dict[int, Expr] = {}
        todo = [written]
        while todo:
            expr = todo.pop()
            own = inside.setdefault(id(expr), [])
            for part, key in self._paired(expr, self.graph[meant[id(expr)]]):
                if key in group:
                    meant[id(part)] = key
                    own.append(part)
                elif isinstance(part, tree.Name):
                    self.called.setdefault((place, key), part.id)
                elif self.graph[key].leaf is None:
                    put[id(part)] = tree.Name(part.span, self._name(key))
            todo += own

        def step(expr: Expr, inner: Sequence[Expr]) -> Expr:
            made = {id(part): one for part, one in zip(inside[id(expr)], inner, strict=True)}
            return _copied(expr, {**put, **made}, self.graph[meant[id(expr)]].kind)

        return tree.fold(written, step, lambda expr: inside[id(expr)])

    def _name(self, key: int) -> str:
        label = self.graph[key].label
        return self.results.get(key) or (local(label) if label else ELSEWHERE)

    @staticmethod
    def _paired(expr: Expr, node: Node) -> Iterator[tuple[Expr, int]]:
        """The operands of an operation, each as it was written."""
        written = tree.parts(expr)
        if isinstance(expr, tree.Call) and node.op is not None:
            named = {one.name.id: one.value for one in expr.arguments if one.name}
            positions = dict(zip(node.operands, node.op.names, strict=False))
            for place, key in enumerate(node.operands):
                if (own := named.get(positions.get(key, ""))) is not None:
                    yield own, key
                elif place < len(written):
                    yield written[place], key
        else:
            yield from zip(written, node.operands, strict=False)

"""graph -> graph with shapes: every size unified over the whole graph, and who said what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graphc.contraction import weighed
from graphc.dataflow import Graph, Node
from graphc.dims import Dim, Mismatch, Shape, Solver, show, size
from graphc.draft import completed, with_shape
from graphc.errors import Note, Report, nearest
from graphc.extent import Vast, within
from graphc.op import Attributes
from graphc.settle import settle
from graphc.wording import argument_of, axis_of, declared, name_of, place_of


def solve(graph: Graph, report: Report) -> Graph:
    """The graph with every shape known. What does not fit goes to `report` and is left out."""
    solver = Solver()
    shapes: dict[int, Shape] = {}
    attributes: dict[int, Attributes] = {}
    early: list[Node] = []  # whose rule was asked before every size was known
    for node in graph.nodes:
        with _telling(node, report):
            if node.op is None:
                shapes[node.key] = _within(node.shape)
            elif all(operand in shapes for operand in node.operands):
                inputs = tuple(solver.shape(shapes[operand]) for operand in node.operands)
                solver.owner = node
                if any(dim.open for shape in inputs for dim in shape):
                    early.append(node)
                try:
                    attributes[node.key] = completed(node.op, node.attributes, inputs)
                    shape = node.op.shape(solver, inputs, attributes[node.key])
                    shapes[node.key] = _within(shape)
                except Mismatch as mismatch:
                    _told(graph, node, mismatch, solver, inputs, report)
    for a, b, owner in _settled(solver, report):
        if isinstance(owner, Node):
            inputs = tuple(solver.shape(shapes[operand]) for operand in owner.operands)
            misfit = Mismatch(f"the sizes {a} and {b} do not fit", (a, b))
            _told(graph, owner, misfit, solver, inputs, report)
    for node in early if not report.failed else ():
        with _telling(node, report):
            inputs = tuple(solver.shape(shapes[operand]) for operand in node.operands)
            assert node.op is not None
            try:
                node.op.shape(solver, inputs, attributes[node.key])
            except Mismatch as mismatch:
                _told(graph, node, mismatch, solver, inputs, report)
    nodes: dict[int, Node] = {}
    for node in graph.nodes:
        if node.key in shapes and all(operand in nodes for operand in node.operands):
            with _telling(node, report):
                shape = _within(solver.shape(shapes[node.key]))
                known = attributes.get(node.key, node.attributes)
                given = with_shape(node.op, known, shape) if node.op else known
                nodes[node.key] = node._replace(shape=shape, attributes=given)
    outputs = {name: key for name, key in graph.outputs.items() if key in nodes}
    loss = graph.loss if graph.loss in nodes else None
    return weighed(Graph.of(nodes.values(), graph.settings, outputs=outputs, loss=loss))


def _within(shape: Shape) -> Shape:
    """The shape; raises Vast if the number of its elements cannot be computed with."""
    within(size(shape).terms)
    return shape


@contextmanager
def _telling(node: Node, report: Report) -> Iterator[None]:
    """Reports a size that is beyond what is computed with."""
    try:
        yield
    except Vast as vast:
        message = f"`{name_of(node)}` is too large: its size holds {vast}"
        report.add("E0308", place_of(node), message)


def _settled(solver: Solver, report: Report) -> list[tuple[Dim, Dim, object]]:
    """The sizes that do not fit, with who asked; none where one became too large."""
    try:
        return settle(solver)
    except Vast as vast:
        assert isinstance(solver.owner, Node)
        with _telling(solver.owner, report):
            raise vast
        return []


def _told(
    graph: Graph,
    node: Node,
    mismatch: Mismatch,
    solver: Solver,
    inputs: tuple[Shape, ...],
    report: Report,
) -> None:
    """Reports shapes that do not fit: what they are, and which words made them so."""
    operands = dict(zip(node.operands, inputs, strict=True))
    known = [
        f"`{name_of(graph[key])}` is {show(shape) if shape else 'a single number'}"
        for key, shape in operands.items()
    ]
    if mismatch.argument:
        where = argument_of(node, [mismatch.argument])
    else:
        where = axis_of(node) if mismatch.code == "E0303" else place_of(node)
    resolved = [solver.resolve(dim) for dim in mismatch.dims]
    pairs = zip(resolved[::2], resolved[1::2], strict=False)
    sizes = [dim for pair in pairs if pair[0] != pair[1] for dim in pair]
    notes = {
        dim.origin: Note(dim.origin, f"{dim} comes from here")
        for dim in sizes
        if dim.origin is not None
    }
    for key in operands if not notes else ():
        if (span := declared(graph[key])) is not None:
            notes[span] = Note(span, "declared here")
    report.add(
        mismatch.code,
        where,
        mismatch.message,
        label=", ".join(known),
        notes=notes.values(),
        help=_bare(graph, node) or mismatch.help or _misspelt(sizes) or _miscounted(sizes),
    )


def _bare(graph: Graph, node: Node) -> str:
    """A hint where an operation is given labels, or a block a number, and needs an array."""
    span, operands = node.origin.span, [graph[key] for key in node.operands]
    if node.op is None or span is None or len(operands) != 2:
        return ""
    whole = [one.label for one in operands if one.leaf is not None and one.leaf.integer]
    if whole and not (node.op.integers or node.op.moving):
        return f"`{whole[0]}` is `int`: whole numbers are labels, and nothing to compute with"
    numbers = [
        one
        for one in operands
        if one.number is not None and one.origin.span and not (one.label or one.origin.span.calls)
    ]
    if not span.calls or not numbers:
        return ""
    return f"`{name_of(numbers[0])}` stands for an array: is an argument missing, or one too many?"


def _miscounted(sizes: list[Dim]) -> str:
    """A hint where two sizes differ by one; small ones do so by chance."""
    for a, b in zip(sizes[::2], sizes[1::2], strict=True):
        if a.known and b.known and abs(a.known - b.known) == 1 and min(a.known, b.known) > 2:
            return f"{a.known} and {b.known} differ by one: is one of them miscounted?"
    return ""


def _misspelt(sizes: list[Dim]) -> str:
    """A hint where two run-time sizes differ that were surely meant to be one."""
    names = sorted({name for dim in sizes for name in dim.names if dim == Dim.of(name)})
    if len(names) == 2 and nearest(names[0], names[1:]):
        return f"`{names[0]}` and `{names[1]}` are two names: is one of them misspelt?"
    return ""

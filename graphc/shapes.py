"""graph -> graph with shapes: every size unified over the whole graph, and who said what."""

from __future__ import annotations

from dataclasses import replace

from graphc import tree
from graphc.dataflow import Graph, Node, completed, with_shape
from graphc.dims import Dim, Mismatch, Shape, Solver, show, size
from graphc.errors import Note, Report
from graphc.op import Attributes

LARGEST_PARAMETER = 2**34


def solve(graph: Graph, report: Report) -> Graph:
    """The graph with every shape known. What does not fit goes to `report`."""
    solver = Solver()
    shapes: dict[int, Shape] = {}
    attributes: dict[int, Attributes] = {}
    for node in graph.nodes:
        if node.op is None:
            shapes[node.key] = node.shape
        elif all(operand in shapes for operand in node.operands):
            inputs = tuple(solver.shape(shapes[operand]) for operand in node.operands)
            solver.owner = node
            try:
                attributes[node.key] = completed(node.op, node.attributes, inputs)
                shapes[node.key] = node.op.shape(solver, inputs, attributes[node.key])
            except Mismatch as mismatch:
                _told(graph, node, mismatch, solver, inputs, report)
    for a, b, owner in solver.settle():
        if isinstance(owner, Node):
            inputs = tuple(solver.shape(shapes[operand]) for operand in owner.operands)
            message = f"{' and '.join(map(show, inputs))} do not broadcast"
            _told(graph, owner, Mismatch(message, (a, b)), solver, inputs, report)
    solved = {key: solver.shape(shape) for key, shape in shapes.items()}
    nodes = []
    for node in graph.nodes:
        if node.key in solved:
            shape = solved[node.key]
            known = attributes.get(node.key, node.attributes)
            given = with_shape(node.op, known, shape) if node.op else known
            nodes.append(replace(node, shape=shape, attributes=given))
    kept = {node.key for node in nodes}
    result = Graph.of(
        nodes,
        graph.settings,
        outputs={name: key for name, key in graph.outputs.items() if key in kept},
        loss=graph.loss if graph.loss in kept else None,
    )
    _checked(result, report)
    return result


def name_of(node: Node) -> str:
    """What the user calls a value: its name, or its expression."""
    if node.label:
        return node.label
    if node.leaf is not None and node.number is not None:
        return node.leaf.name or str(node.number)
    return node.origin.span.text.replace("\n", " ")[:40] if node.origin.span else node.kind


def _told(
    graph: Graph,
    node: Node,
    mismatch: Mismatch,
    solver: Solver,
    inputs: tuple[Shape, ...],
    report: Report,
) -> None:
    known = [f"`{name_of(graph[key])}` is {show(shape)}" for key, shape in _told_apart(node, inputs)]
    notes = []
    for dim in mismatch.dims:
        dim = solver.resolve(dim)
        if dim.origin is not None and dim.known != 1:
            notes.append(Note(dim.origin, f"{dim} comes from here"))
    for key in node.operands:
        leaf = graph[key]
        if leaf.leaf is not None and leaf.label and leaf.origin.span and not notes:
            notes.append(Note(leaf.origin.span, f"declared {show(solver.shape(leaf.shape))}"))
    report.add(
        mismatch.code,
        node.origin.span,
        mismatch.message,
        label=", ".join(known),
        notes=dict.fromkeys(notes),
        help=mismatch.help,
    )


def _told_apart(node: Node, inputs: tuple[Shape, ...]) -> list[tuple[int, Shape]]:
    return list(dict(zip(node.operands, inputs, strict=True)).items())


def _checked(graph: Graph, report: Report) -> None:
    """What must hold of solved shapes: sizes known, parameters that fit a machine, a scalar loss."""
    for node in graph.nodes:
        unknown = [place for place, dim in enumerate(node.shape) if _unsolved(dim)]
        if unknown and node.leaf is not None and node.label:
            place = ["first", "second", "third"][unknown[0]] if unknown[0] < 3 else "last"
            report.add(
                "E0302",
                node.shape[unknown[0]].origin or node.origin.span,
                f"the {place} size of `{node.label}` is not determined",
                label="nothing it is used with says how large this is",
                help="write the size instead of `_`",
            )
        if node.leaf is not None and node.leaf.kind == "param" and not unknown:
            elements = size(node.shape).known or 0
            if elements > LARGEST_PARAMETER:
                message = f"parameter `{node.label}` needs {_bytes(elements * 4)}"
                report.add("E0308", node.origin.span, message)
        _integers(graph, node, report)
    if graph.loss is not None and graph[graph.loss].shape:
        node = graph[graph.loss]
        report.add(
            "E0602",
            node.origin.span,
            f"the loss has the shape {show(node.shape)}; it must be a single number",
            help="take its mean or its sum: `loss mean(...)`",
        )


def _unsolved(dim: Dim) -> bool:
    return any(name.startswith("?") for name in dim.names)


def _integers(graph: Graph, node: Node, report: Report) -> None:
    """Integer data goes where class numbers are wanted, and only there."""
    if node.op is None:
        return
    for name, key in zip(node.op.names, node.operands, strict=True):
        operand = graph[key]
        integer = operand.leaf is not None and operand.leaf.integer
        other = node.op.integers.get(name)
        wanted = other is not None and len(operand.shape) < len(
            graph[node.operands[node.op.names.index(other)]].shape
        )
        if integer and not wanted:
            message = f"`{operand.label}` holds integers, and `{node.op.name}` computes with numbers"
            help = "one-hot rows are declared without `int`" if other else "declare it without `int`"
        elif wanted and not integer and not (operand.number is not None):
            message = f"`{name_of(operand)}` must hold class numbers for `{node.op.name}`"
            declared = show(operand.shape)
            help = f"declare it `int{declared}`" if operand.label else ""
        else:
            continue
        note = operand.origin.span if operand.leaf is not None and operand.label else None
        notes = [Note(note, "declared here")] if note else []
        report.add("E0307", node.origin.span, message, notes=notes, help=help)


def _bytes(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if count < 1024:
            return f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} PiB"



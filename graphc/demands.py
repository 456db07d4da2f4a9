"""What a graph with solved shapes must satisfy before it can be compiled."""

from __future__ import annotations

from graphc.contraction import contraction
from graphc.dataflow import Graph, Node
from graphc.dims import Dim, show, size
from graphc.errors import Note, Report
from graphc.initial import INITIALISERS, Start
from graphc.wording import declared, name_of, place_of

LARGEST = 2**34  # elements of one array, and of all parameters together
MOST_AXES = 32  # NumPy's limit
PLACES = ("first", "second", "third", "fourth")


def insist(graph: Graph, report: Report) -> None:
    """Reports what makes the model impossible to compile or to train."""
    if not report.failed:
        _known(graph, report)
    _small(graph, report)
    for node in graph.nodes:
        if node.op is not None:
            _integers(graph, node, report)
        elif node.leaf is not None and isinstance(node.leaf.value, Start):
            _start(graph, node, node.leaf.value, report)
    _loss(graph, report)
    _outputs(graph, report)


def _known(graph: Graph, report: Report) -> None:
    """Every size is a number or a run-time size."""
    for node in graph.nodes:
        for place, dim in enumerate(node.shape if declared(node) else ()):
            if any(name.startswith("?") for name in dim.names):
                which = PLACES[place] if place < len(PLACES) else f"{place + 1}th"
                report.add(
                    "E0302",
                    dim.origin or place_of(node),
                    f"the {which} size of `{node.label}` is not determined",
                    label="nothing it is used with says how large this is",
                    help="write the size instead of `_`",
                )


def _small(graph: Graph, report: Report) -> None:
    """Every array, and all parameters together, fit into the memory of a large machine."""
    width = 8 if graph.settings.dtype == "float64" else 4  # bytes of a number
    told: set[int] = set()
    total = Dim.of(0)
    for node in graph.nodes:
        elements = size(node.shape)
        what = f"`{name_of(node)}`" if declared(node) or node.label else "this"
        if told & set(node.operands):
            told.add(node.key)
        elif (elements.known or 0) > LARGEST:
            told.add(node.key)
            message = (
                f"{what} is {show(node.shape)}: it needs {_bytes((elements.known or 0) * width)}"
            )
            report.add("E0308", place_of(node), message)
        elif len(node.shape) > MOST_AXES:
            told.add(node.key)
            message = f"{what} has {len(node.shape)} dimensions; an array has at most {MOST_AXES}"
            report.add("E0308", place_of(node), message)
        elif node.kind == "param":
            total += elements
            if (total.known or 0) > LARGEST:
                message = f"the parameters up to this one need {_bytes((total.known or 0) * width)}"
                report.add("E0308", place_of(node), message)
                return


def _integers(graph: Graph, node: Node, report: Report) -> None:
    """Integer data goes where class numbers are wanted, and only there."""
    assert node.op is not None
    for name, key in zip(node.op.names, node.operands, strict=True):
        operand, other = graph[key], node.op.integers.get(name)
        integer = operand.leaf is not None and operand.leaf.integer
        wanted = other is not None and len(operand.shape) < len(
            graph[node.operands[node.op.names.index(other)]].shape
        )
        called = name_of(operand)
        if integer and not wanted:
            what = "one row of weights for each class" if other else "numbers to compute with"
            message = f"`{called}` holds class numbers, and `{node.op.name}` takes {what} here"
            hint = "declare it without `int`"
        elif wanted and not integer and operand.number is None:
            message = f"`{node.op.name}` takes class numbers here, and `{called}` is not `int`"
            type_ = operand.leaf.declared if operand.leaf is not None else None
            hint = f"declare it `{called} : int{type_.span.text}`" if type_ else ""
        else:
            continue
        note = declared(operand)
        notes = [Note(note, "declared here")] if note else []
        report.add("E0307", place_of(node), message, notes=notes, help=hint)


def _start(graph: Graph, node: Node, start: Start, report: Report) -> None:
    """An initialiser has what it reads off the graph."""
    known = INITIALISERS.get(start.name)
    init = node.leaf.init if node.leaf is not None else None
    if known is None or init is None:
        return
    notes = (
        [Note(span, f"`{node.label}` is {show(node.shape)}")] if (span := declared(node)) else []
    )
    if known.fans and contraction(graph, node) is None:
        message = f"`{start.name}` needs a fan-in, and no matrix product contracts `{node.label}`"
        hint = "a bias starts with `zeros`; for other arrays write `normal(0.1)`"
        report.add("E0502", init.span, message, notes=notes, help=hint)
    elif known.matrix and len(node.shape) < 2:
        message = f"`{start.name}` makes a matrix, and `{node.label}` has fewer than two dimensions"
        report.add("E0502", init.span, message, notes=notes, help="write `normal(0.1)`")


def _loss(graph: Graph, report: Report) -> None:
    """The loss is a number that some parameter reaches."""
    if graph.loss is None:
        return
    node = graph[graph.loss]
    if node.shape:
        message = f"the loss must be one number, and `{name_of(node)}` is {show(node.shape)}"
        hint = "take its mean or its sum: `loss mean(...)`"
        report.add("E0602", place_of(node), message, help=hint)
        return
    params = [one for one in graph.leaves("param") if one.leaf is not None]
    reached = [one for one in params if one.key in graph.before([graph.loss])]
    if not any(not one.leaf.frozen for one in reached if one.leaf is not None):
        notes = [
            Note(span, "this one is frozen")
            for one in reached
            if (span := declared(one)) is not None
        ]
        message = "there is nothing to train: no parameter reaches the loss"
        hint = "" if params else "declare one: `param W : [_, _] = xavier_uniform`"
        report.add("E0603", place_of(node), message, notes=notes, help=hint)


def _outputs(graph: Graph, report: Report) -> None:
    """An output needs no target."""
    for name, key in graph.outputs.items():
        targets = [graph[one] for one in graph.before([key]) if graph[one].kind == "target"]
        for target in sorted(targets, key=lambda one: one.key)[:1]:
            message = f"output `{name}` needs the target `{target.label}`"
            notes = [Note(span, "declared here")] if (span := declared(target)) else []
            hint = (
                "an output is computed from inputs and parameters: a target is not there to predict"
            )
            report.add("E0605", place_of(graph[key]), message, notes=notes, help=hint)


def _bytes(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"

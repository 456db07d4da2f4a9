"""What is allowed but surely not meant: errors about roots, and warnings about the whole graph."""

from __future__ import annotations

from graphc.dataflow import Graph, Node
from graphc.errors import Note, Report
from graphc.initial import Start
from graphc.shapes import name_of


def inspect(graph: Graph, report: Report) -> None:
    """Reports outputs that need targets, a loss without parameters, and every warning."""
    _roots(graph, report)
    if not report.failed:
        _unused(graph, report)
        _squashed(graph, report)
        _symmetric(graph, report)
        _batch(graph, report)


def _roots(graph: Graph, report: Report) -> None:
    for name, key in graph.outputs.items():
        targets = [graph[one] for one in graph.before([key]) if graph[one].kind == "target"]
        if targets:
            report.add(
                "E0605",
                graph[key].origin.span,
                f"output `{name}` needs the target `{targets[0].label}`",
                notes=[Note(span, "declared here")] if (span := targets[0].origin.span) else [],
                help="an output is computed from inputs and parameters alone",
            )
    if graph.loss is None:
        return
    trained = [n for n in graph.leaves("param") if n.leaf is not None and not n.leaf.frozen]
    if not graph.before([graph.loss]) & {node.key for node in trained}:
        message = "no parameter reaches the loss: there is nothing to train"
        report.add("E0603", graph[graph.loss].origin.span, message)


def _unused(graph: Graph, report: Report) -> None:
    loss = graph.before([] if graph.loss is None else [graph.loss])
    used = graph.before(graph.roots)
    for node in graph.nodes:
        if node.label is None or node.origin.span is None:
            continue
        if node.kind == "param" and node.key not in loss:
            message = f"no path joins parameter `{node.label}` to the loss: it will not be trained"
            report.add("W0801", node.origin.span, message)
        elif node.kind == "input" and node.key not in used:
            report.add("W0802", node.origin.span, f"nothing uses the input `{node.label}`")
        elif node.kind == "target" and node.key not in loss:
            message = f"the loss does not use the target `{node.label}`"
            report.add("W0806", node.origin.span, message)
        elif node.op is not None and node.key not in used and not graph.readers(node.key):
            statement = node.origin.statement
            span = statement.span if statement else node.origin.span
            report.add("W0803", span, f"nothing uses `{node.label}`")


def _squashed(graph: Graph, report: Report) -> None:
    for node in graph.nodes:
        if node.op is None or not node.op.takes_logits:
            continue
        operand = graph[node.operands[node.op.names.index(node.op.takes_logits)]]
        if operand.op is not None and operand.op.squashes:
            report.add(
                "W0804",
                node.origin.span,
                f"`{node.op.name}` takes logits, and `{name_of(operand)}` is already"
                f" the result of `{operand.op.name}`",
                help=f"leave out `{operand.op.name}` here; the loss applies it itself",
            )


def weights(graph: Graph) -> list[Node]:
    """The parameters that a matrix product contracts, in order."""
    return [node for node in graph.leaves("param") if contraction(graph, node) is not None]


def contraction(graph: Graph, param: Node) -> tuple[Node, int, int] | None:
    """The first operation that contracts a parameter, with its fan-in and fan-out.

    Views are followed: in `x @ W.T` the parameter is `W`, its fan-in the second size of `W`.
    """
    todo = [param.key]
    while todo:
        key = todo.pop()
        for reader in (graph[one] for one in graph.readers(key)):
            if reader.op is None:
                continue
            name = reader.op.names[reader.operands.index(key)]
            if name in reader.op.contracts:
                shape = graph[key].shape
                fans = [
                    shape[axis].known or 1 if -axis <= len(shape) else 1
                    for axis in reader.op.contracts[name]
                ]
                # a vector is contracted along its only axis, whichever side it stands on
                return reader, (shape[-1].known or 1) if len(shape) == 1 else fans[0], fans[1]
            if reader.op.view:
                todo.append(reader.key)
    return None


def _symmetric(graph: Graph, report: Report) -> None:
    """Two weights that both start at zero, one behind the other: the layer's units stay alike."""
    zero = [
        node
        for node in weights(graph)
        if node.leaf is not None and isinstance(node.leaf.value, Start) and node.leaf.value.zero
    ]
    for node in zero:
        found = contraction(graph, node)
        if found is None:
            continue
        before = graph.before([found[0].key]) - {node.key}
        behind = [one for one in zero if one.key in before]
        if behind and node.origin.span:
            report.add(
                "W0805",
                node.origin.span,
                f"`{behind[0].label}` and `{node.label}` both start at zero:"
                " the units between them get equal gradients and stay alike for ever",
                notes=[Note(span, "zero too")] if (span := behind[0].origin.span) else [],
                help="start the weights at random: `he_normal`, `xavier_uniform`",
            )


def _batch(graph: Graph, report: Report) -> None:
    data = graph.leaves("input", "target")
    names = {name for node in data for dim in node.shape for name in dim.names}
    if data and "batch" not in names and data[0].origin.span:
        message = "no input has a dimension called `batch`: each step takes all the data"
        report.add("W0807", data[0].origin.span, message)

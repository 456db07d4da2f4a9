"""What is allowed but surely not meant: warnings about the whole graph."""

from __future__ import annotations

from graphc import misuse
from graphc.dataflow import Graph, Node
from graphc.demands import insist, stops
from graphc.dims import show
from graphc.errors import Note, Report, nearest
from graphc.initial import Start
from graphc.wording import declared, name_of, place_of


def inspect(graph: Graph, report: Report) -> None:
    """Reports what keeps a model from being compiled, and if nothing does, every warning."""
    insist(graph, report)
    if not report.failed:
        _unused(graph, report)
        misuse.inspect(graph, report)
        _symmetric(graph, report)
        _batch(graph, report)
        _square(graph, report)


def _square(graph: Graph, report: Report) -> None:
    """`[batch, 1]` against `[batch]`: broadcasting compares every row with every other."""
    for node in graph.nodes:
        if node.op is None or not node.op.elementwise:
            continue
        operands = [graph[key] for key in node.operands]
        for size in {dim for dim in node.shape if dim.known is None}:
            most = max(one.shape.count(size) for one in operands)
            if node.shape.count(size) > max(most, 1):
                told = " and ".join(f"`{name_of(one)}` {show(one.shape)}" for one in operands)
                report.add(
                    "W0808",
                    place_of(node),
                    f"{told} broadcast to {show(node.shape)}: every row against every other",
                    help="give both the same shape, such as `[batch, 1]`",
                )


def _unused(graph: Graph, report: Report) -> None:
    roots = [] if graph.loss is None else [graph.loss]
    loss, sloped = graph.before(roots), graph.before(roots, sloped=True)
    used = graph.before(graph.roots)
    stopping: dict[int, list[Note]] | None = None  # asked for only if it is told
    for node in graph.leaves("param", "input", "target"):
        code = message = ""
        notes: list[Note] = []
        if node.kind == "param" and node.key not in sloped:
            if node.leaf is not None and node.leaf.frozen:
                if node.key not in used:
                    report.add("W0803", place_of(node), f"nothing uses `{node.label}`")
                continue
            stopping = stops(graph) if stopping is None else stopping
            code, notes = "W0801", stopping.get(node.key, [])
            why = "no gradient reaches it" if notes else "the loss does not depend on it"
            why = why if graph.readers(node.key) else "nothing reads it"
            message = f"parameter `{node.label}` will not be trained: {why}"
        elif node.kind == "input" and node.key not in used:
            code, message = "W0802", f"neither the loss nor an output uses the input `{node.label}`"
        elif node.kind == "target" and node.key not in loss:
            code, message = "W0806", f"the loss does not use the target `{node.label}`"
        if message:
            report.add(code, place_of(node), message, notes=notes)


def _symmetric(graph: Graph, report: Report) -> None:
    """Two weights of equal values, one behind the other: the units between them stay alike.

    `uniform` holds what is one number everywhere and `alike` what is the same for every unit, each
    with the weight that made it so. Whatever else joins in tells the units apart.
    """
    uniform: dict[int, Node | None] = {}
    alike: dict[int, Node] = {}
    for node in graph.nodes:
        if node.op is None:
            start = node.leaf.value if node.leaf is not None else None
            if node.number is not None or (isinstance(start, Start) and start.alike):
                uniform[node.key] = node if node.kind == "param" else None
        elif all(key in uniform for key in node.operands):
            uniform[node.key] = next(filter(None, map(uniform.__getitem__, node.operands)), None)
        elif node.op.contracts:
            for name, key in zip(node.op.names, node.operands, strict=True):
                weight = uniform.get(key)
                if weight is not None:
                    axis = node.op.contracts[name][0][0] if graph[key].shape[1:] else -1
                    joined = graph[key].shape[axis]
                    before = [alike[one] for one in node.operands if one in alike]
                    if before and joined.known != 1:
                        _told_symmetric(before[0], weight, report)
                    alike[node.key] = weight
        elif node.op.view or node.shape == graph[node.operands[0]].shape or node.op.elementwise:
            found = [alike[key] for key in node.operands if key in alike]
            if found and all(key in alike or key in uniform for key in node.operands):
                alike[node.key] = found[0]


def _told_symmetric(first: Node, second: Node, report: Report) -> None:
    message = (
        f"the units between `{first.label}` and `{second.label}` stay alike for ever:"
        " both start with one number everywhere"
    )
    notes = [Note(span, "and this one") for span in [declared(first)] if span is not None]
    hint = "start them at random: `he_normal`, `xavier_uniform`"
    report.add("W0805", place_of(second), message, notes=notes, help=hint)


def _batch(graph: Graph, report: Report) -> None:
    data = graph.leaves("input", "target")
    sizes = {name for node in data for dim in node.shape for name in dim.names}
    if data and "batch" not in sizes:
        near = nearest("batch", sizes)
        message = "no data has a dimension called `batch`: each step takes all of them at once"
        hint = "write `batch` for the dimension that is cut into mini-batches"
        hint = f"is `{near}` misspelt?" if near else hint
        hint = f"`None` is a name as any other; {hint}" if "None" in sizes else hint
        report.add("W0807", place_of(data[0]), message, help=hint)

"""What a graph with solved shapes must satisfy before it can be compiled."""

from __future__ import annotations

from collections.abc import Mapping

from graphc.constants import value, wrong
from graphc.dataflow import Graph, Node
from graphc.dims import MOST_AXES, Dim, show, size
from graphc.errors import Note, Report
from graphc.initial import INITIALISERS, Start
from graphc.integers import told_integers
from graphc.reading import brief, found
from graphc.rules import rule_of
from graphc.source import Span
from graphc.wording import argument_of, declared, name_of, place_of, sign_of

LARGEST = 2**34  # elements of one array, and of all parameters together
LIMIT = "at most 2 ** 34 numbers are allowed: 64 GiB in float32"
PLACES = ("first", "second", "third", "fourth")


def insist(graph: Graph, report: Report) -> None:
    """Reports what makes the model impossible to compile or to train."""
    whole = not report.failed  # else what tells a size or a fan-in may have been left out
    if whole:
        _known(graph, report)
    _small(graph, report)
    _finite(graph, report)
    told_integers(graph, report)
    for node in graph.nodes:
        if node.leaf is not None and isinstance(node.leaf.value, Start):
            _start(node, node.leaf.value, whole, report)
    _tracked(graph, report)
    _loss(graph, report)
    _outputs(graph, report)


def _known(graph: Graph, report: Report) -> None:
    """Every size is a number, or a run-time size of what is no parameter."""
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
            elif node.kind == "param" and dim.known is None:
                report.add(
                    "E0305",
                    place_of(node),
                    f"parameter `{node.label}` cannot be {show(node.shape)}",
                    label=f"its use gives it the run-time size `{dim}`",
                    help="parameters are as large with any data: is an axis transposed?",
                )


def _small(graph: Graph, report: Report) -> None:
    """Every array, and all parameters together, fit into the memory of a large machine."""
    width = 8 if graph.settings.dtype == "float64" else 4  # bytes of a number
    told: set[int] = set()
    total = 0
    for node in graph.nodes:
        elements, message = size(node.shape).known or 0, ""
        if any(key in told for key in node.operands):
            told.add(node.key)
        elif elements > LARGEST:
            message = (
                f"`{name_of(node)}` is {show(node.shape)}: it needs {_bytes(elements * width)}"
            )
        elif len(node.shape) > MOST_AXES:
            message = (
                f"`{name_of(node)}` has {len(node.shape)} dimensions, and {MOST_AXES} are possible"
            )
        elif node.kind == "param":
            total += elements
            if total > LARGEST >= total - elements:
                needed = _bytes(total * width)
                message = f"with `{node.label}` the parameters need {needed} together"
        if message:
            told.add(node.key)
            hint = LIMIT if elements > MOST_AXES else ""
            report.add("E0308", place_of(node), message, help=hint)


def _finite(graph: Graph, report: Report) -> None:
    """What is computed from numbers alone is a number that the dtype holds."""
    values: dict[int, float] = {}
    for node in graph.nodes:
        if isinstance(node.number, int | float):
            values[node.key] = node.number
        elif node.op is not None and all(key in values for key in node.operands):
            result = value(node.op, [values[key] for key in node.operands], node.attributes)
            if result is None:
                continue
            if what := wrong(result, graph.settings.dtype):
                expr = found(node.origin.statement, node.origin.span)
                shown = brief(expr) if expr is not None else name_of(node)
                report.add("E0107", place_of(node), f"`{shown}` {what}")
            else:
                values[node.key] = result
        elif _divides_by_zero(node, values, graph):
            expr = found(node.origin.statement, node.origin.span)
            shown = brief(expr) if expr is not None else name_of(node)
            report.add("E0405", place_of(node), f"`{shown}` divides by 0")


def _divides_by_zero(node: Node, values: Mapping[int, float], graph: Graph) -> bool:
    """Whether an operation of an array and 0, or constants of which one is 0, is infinite for 1."""
    if node.op is None or len(node.operands) != 2:
        return False
    key = node.operands[1]
    leaf = graph[key].leaf
    if leaf is not None and leaf.kind == "const" and isinstance(leaf.value, Start):
        if not leaf.value.zero:
            return False
    elif values.get(key) != 0:
        return False
    return value(node.op, [1, 0], node.attributes) == float("inf")


def _start(node: Node, start: Start, whole: bool, report: Report) -> None:
    """An initialiser has what it reads off the graph."""
    known = INITIALISERS.get(start.name)
    init = node.leaf.init if node.leaf is not None else None
    if known is None or init is None:
        return
    name, message, hint = node.label, "", ""
    if known.fans and whole and start.fans is None:
        message = f"`{start.name}` needs a fan-in, and no matrix product has `{name}` as its weight"
        hint = "a bias starts with `zeros`; for other arrays write `normal(0.1)`"
    elif known.matrix and len(node.shape) < 2:
        message = f"`{start.name}` makes a matrix, and `{name}` is {show(node.shape)}"
        hint = "write `normal(0.1)`"
    if message:
        notes = [Note(span, "declared here")] if (span := declared(node)) else []
        report.add("E0502", init.span, message, notes=notes, help=hint)


def _tracked(graph: Graph, report: Report) -> None:
    """Running statistics stand in frozen parameters, and no two calls share one."""
    taken: dict[int, Span] = {}
    for node in graph.nodes:
        if node.op is None or not node.op.tracks:
            continue
        shapes = tuple(graph[key].shape for key in node.operands)
        rules, does = rule_of(node.op.tracks, shapes, node.attributes), sign_of(node)
        for name, key in zip(node.op.names, node.operands, strict=True):
            if f"{name}'" not in rules:
                continue
            operand, span = graph[key], argument_of(node, [name])
            leaf, called, message, notes = operand.leaf, name_of(operand), "", []
            if leaf is None or leaf.kind != "param" or not leaf.frozen:
                what = "it is trained" if operand.kind == "param" else f"`{called}` is none"
                message = f"`{name}` of `{does}` must be a frozen parameter, and {what}"
                hint = "training keeps running statistics there: `param ... = zeros frozen`"
                notes = [Note(one, "declared here")] if (one := declared(operand)) else []
            elif key in taken:
                message = f"`{called}` holds other running statistics already"
                notes, hint = [Note(taken[key], "first here")], "declare a parameter for each"
            if message:
                report.add("E0606", span, message, notes=notes, help=hint)
            taken.setdefault(key, span)


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
    before = graph.before([graph.loss], sloped=True)
    reached = [one for one in graph.leaves("param") if one.key in before]
    if all(one.leaf is None or one.leaf.frozen for one in reached):
        spans = [span for one in reached if (span := declared(one)) is not None]
        stopping = stops(graph)
        stopped = [note for one in graph.leaves("param") for note in stopping.get(one.key, ())]
        why = "no gradient reaches a parameter" if stopped else "no parameter reaches the loss"
        message = f"there is nothing to train: {why}"
        hint = "" if graph.leaves("param") else "declare one: `param W : [_, _] = xavier_uniform`"
        notes = [*(Note(span, "this one is frozen") for span in spans), *stopped]
        report.add("E0603", place_of(node), message, notes=notes, help=hint)


def stops(graph: Graph) -> dict[int, list[Note]]:
    """By the key of a leaf: the places between it and the loss that no gradient gets through."""
    found: dict[int, list[Note]] = {}
    for key in sorted(graph.before([] if graph.loss is None else [graph.loss], sloped=True)):
        node = graph[key]
        if flat := set(node.operands) - set(node.sloped):
            note = Note(place_of(node), "no gradient goes through this")
            for one in graph.before(flat):
                if graph[one].leaf is not None:
                    found.setdefault(one, []).append(note)
    return found


def _outputs(graph: Graph, report: Report) -> None:
    """An output needs no target."""
    target: dict[int, Node] = {node.key: node for node in graph.leaves("target")}
    for node in graph.nodes:
        before = next((target[key] for key in node.operands if key in target), None)
        if before is not None:
            target[node.key] = before
    for name, key in graph.outputs.items():
        if key in target:
            message = f"output `{name}` needs the target `{target[key].label}`"
            notes = [Note(span, "declared here")] if (span := declared(target[key])) else []
            hint = "there are no targets when a model predicts"
            report.add("E0605", place_of(graph[key]), message, notes=notes, help=hint)
    given = {name for node in graph.leaves("input") for dim in node.shape for name in dim.names}
    lacking: dict[int, set[str]] = {}  # the sizes that no input has, by what needs them
    for node in graph.nodes:
        sizes = [*node.shape, *([node.number] if isinstance(node.number, Dim) else [])]
        names = {name for dim in sizes for name in dim.names if not name.startswith("?")} - given
        names.update(*(lacking[key] for key in node.operands if key in lacking))
        if names:
            lacking[node.key] = names
    for name, key in graph.outputs.items():
        if key not in target and key in lacking:
            message = f"output `{name}` needs the size `{min(lacking[key])}`, which no input has"
            hint = "there are no targets when a model predicts"
            report.add("E0605", place_of(graph[key]), message, help=hint)


def _bytes(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"

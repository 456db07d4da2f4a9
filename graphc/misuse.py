"""Losses and layers given what they can make nothing of: warnings that are never false."""

from __future__ import annotations

from graphc.book import book
from graphc.constants import value
from graphc.dataflow import Graph, Node
from graphc.dims import show
from graphc.errors import Note, Report
from graphc.stable import form_of
from graphc.wording import name_of, place_of, sign_of

ANY = (-1000.0, -1.0, -0.1, 0.1, 1.0, 1000.0)  # what may come out of a layer, among others


def inspect(graph: Graph, report: Report) -> None:
    """Reports predictions that are none, and layers that add nothing, in a graph of `shapes`."""
    known = graph.learnt()
    for node in graph.nodes:
        if node.op is not None:
            _squashed(graph, node, report)
            _swapped(graph, node, known, report)
            _unfit(graph, node, report)
    _stacked(graph, report)
    _single(graph, report)


def _squashed(graph: Graph, node: Node, report: Report) -> None:
    """What has been through a sigmoid or a softmax, before a loss that applies it itself."""
    if node.op is None or not node.op.takes_logits:
        return
    operand = _operand(graph, node, node.op.takes_logits)
    if operand.op is not None and operand.op.squashes:
        taker, squashing = sign_of(node), sign_of(operand)
        once = "; it is taken only once" if form_of(graph, node) is not None else ""
        report.add(
            "W0804",
            place_of(node),
            f"`{taker}` takes logits, and `{name_of(operand)}` is a `{squashing}`{once}",
            notes=[Note(place_of(operand), f"leave out this `{squashing}`")],
            help="the loss applies it itself",
        )


def _swapped(graph: Graph, node: Node, known: set[int], report: Report) -> None:
    """Data where the prediction stands, and what is learnt where the data stands."""
    if node.op is None or not node.op.truth:
        return
    truth = _operand(graph, node, node.op.truth)
    other = next(name for name in node.op.names if name != node.op.truth)
    data = source(graph, _operand(graph, node, other))
    # a policy or a teacher may be held against an input; then it gives probabilities
    policy = data.kind == "input" and truth.op is not None and truth.op.squashes
    if data.kind in ("input", "target") and truth.key in known and not policy:
        report.add(
            "W0809",
            place_of(node),
            f"`{sign_of(node)}` takes the prediction first: `{name_of(data)}` is data,"
            f" and `{name_of(truth)}` is what is learnt",
            help="swap the two",
        )


def _unfit(graph: Graph, node: Node, report: Report) -> None:
    """A prediction that leaves the range of its loss, or never fills half of it."""
    op = node.op
    if op is None or not (name := op.takes_probabilities or op.takes_logits):
        return
    operand = _operand(graph, node, name)
    numbers, told = _numbers(graph, operand.key), f"`{name_of(operand)}`"
    if numbers is None:
        return
    message = hint = ""
    if op.takes_probabilities and not all(0 <= one <= 1 for one in numbers):
        message = f"`{sign_of(node)}` takes probabilities, and {told} can be any number"
        if numbers is not ANY:
            bound = "below 0" if min(numbers) < 0 else "above 1"
            message = f"`{sign_of(node)}` takes probabilities, and {told} can be {bound}"
        hint = "put a `sigmoid` before it"
    elif op.takes_logits and not op.classes and min(numbers) >= 0:
        message = f"{told} is never below 0, so its probability is never below a half"
        hint = "leave out what keeps it from going below 0"
    if message:
        report.add("W0810", place_of(node), message, help=hint)


def _stacked(graph: Graph, report: Report) -> None:
    """A layer on what a layer gives: together they can do what one does, if neither is narrow.

    Of many in a row the first two are told.
    """
    stacked: set[int] = set()
    for node in graph.nodes:
        if (second := _weight(graph, node)) is None:
            continue
        between = [graph[node.operands[0]]]
        while (inner := _biased(graph, between[-1])) is not None:
            between.append(inner)
        first = _weight(graph, between[-1])
        if first is None or any(_shared(graph, one.key) for one in (first, second, *between)):
            continue
        (into, middle), (_, out) = first.shape, second.shape
        if min(into.known or 0, out.known or 0) <= (middle.known or 0):
            if between[-1].key not in stacked:
                _told_stacked(node, second, between[-1], first, report)
            stacked.add(node.key)


def _told_stacked(node: Node, second: Node, before: Node, first: Node, report: Report) -> None:
    one, other, span = name_of(first), name_of(second), place_of(before)
    report.add(
        "W0812",
        place_of(node),
        f"no activation between `{one}` and `{other}`: together they can do what one layer can",
        notes=[Note(span.calls[0] if span.calls else span, "the layer before")],
        help="put one between them, such as `relu`",
    )


def _single(graph: Graph, report: Report) -> None:
    """One class alone, whose share is always 1; told once of a value, where the loss reads it."""
    found: dict[int, list[Node]] = {}
    for node in graph.nodes:
        if node.op is not None and node.op.classes:
            operand = _operand(graph, node, node.op.classes)
            axes = node.attributes.get("axis", len(operand.shape) - 1)
            axes = range(len(operand.shape)) if axes is None else axes
            axes = [axes] if isinstance(axes, int) else axes
            if all(operand.shape[axis].known == 1 for axis in axes):
                found.setdefault(operand.key, []).append(node)
    for key, nodes in found.items():
        node = next((one for one in nodes if one.op and one.op.truth), nodes[0])
        shape, always = show(graph[key].shape), int(node.op is not None and node.op.squashes)
        report.add(
            "W0811",
            place_of(node),
            f"`{sign_of(node)}` over a single class: as `{name_of(graph[key])}` is {shape},"
            f" it is {always} whatever is learnt",
            help="for yes or no `sigmoid` and `bce_with_logits`; else a column for each class",
        )


def _operand(graph: Graph, node: Node, name: str) -> Node:
    assert node.op is not None
    return graph[node.operands[node.op.names.index(name)]]


def source(graph: Graph, node: Node) -> Node:
    """What a value is a view of: itself, if it is none."""
    while node.op is not None and node.op.view:
        node = graph[node.operands[0]]
    return node


def _numbers(graph: Graph, key: int, far: int = 8) -> tuple[float, ...] | None:
    """Some numbers that a value can become, if it follows from a layer element by element.

    A layer is a product with a trained parameter: it can give any number, whatever is added to it.
    It is looked for at most `far` operations back.
    """
    node = graph[key]
    if node.op is None or far == 0:
        return None
    if node.op.contracts:
        return ANY if any(graph[one].trained for one in node.operands) else None
    if node.op.view:
        return _numbers(graph, node.operands[0], far - 1)
    if not node.op.elementwise:
        return None
    values = [one for one in node.operands if graph[one].number is None]
    reached = [_numbers(graph, one, far - 1) for one in values]
    if node.op is book().symbols["+"] and ANY in reached:
        return ANY
    return _applied(graph, node, reached[0]) if len(reached) == 1 and reached[0] else None


def _applied(graph: Graph, node: Node, numbers: tuple[float, ...]) -> tuple[float, ...] | None:
    """What an operation makes of some numbers beside constants; None if it takes more to know."""
    assert node.op is not None
    constants = [graph[key].number for key in node.operands]
    if sum(isinstance(one, int | float) for one in constants) != len(constants) - 1:
        return None
    made = [
        value(
            node.op,
            [float(one) if isinstance(one, int | float) else number for one in constants],
            node.attributes,
        )
        for number in numbers
    ]
    return tuple(one for one in made if one is not None) if None not in made else None


def _weight(graph: Graph, node: Node) -> Node | None:
    """The trained matrix that a product multiplies its first operand with, if there is one."""
    if node.op is None or node.op is not book().symbols["@"]:
        return None
    weight = graph[node.operands[1]]
    return weight if weight.trained and len(weight.shape) == 2 else None


def _biased(graph: Graph, node: Node) -> Node | None:
    """What a bias is added to, if a value is such a sum."""
    if node.op is None or node.op is not book().symbols["+"]:
        return None
    one, other = (graph[key] for key in node.operands)
    return one if other.kind == "param" else other if one.kind == "param" else None


def _shared(graph: Graph, key: int) -> bool:
    """Whether anything beside the layers reads a value: a penalty, another step, the user."""
    return len(graph.readers(key)) != 1 or key in graph.outputs.values()

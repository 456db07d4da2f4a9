"""Whole numbers: which values hold them, where they are used, and below what they must be."""

from __future__ import annotations

from dataclasses import dataclass

from graphc import printing, tree
from graphc.dataflow import Graph, Node
from graphc.dims import Dim, show, size
from graphc.errors import Note, Report
from graphc.reading import brief, walk
from graphc.wording import declared, name_of, place_of, sign_of


def whole(graph: Graph) -> set[int]:
    """The values that hold whole numbers: integer data, and what only moves them about."""
    found: set[int] = set()
    for node in graph.nodes:
        integer = node.leaf is not None and node.leaf.integer
        if integer or (node.op and node.op.moving and found.issuperset(node.operands)):
            found.add(node.key)
    return found


@dataclass(frozen=True)
class Use:
    """An operand that takes whole numbers from 0 to below `limit`; `part`: not all of the data."""

    reader: Node
    operand: str
    limit: Dim
    part: bool


def limit_of(graph: Graph, node: Node, operand: str) -> Dim | None:
    """Below what the whole numbers in an operand must be; None if it takes no whole numbers."""
    if node.op is None or operand not in node.op.integers:
        return None
    shapes = tuple(graph[key].shape for key in node.operands)
    return node.op.integers[operand](shapes, node.attributes)


def uses(graph: Graph, data: Node) -> list[Use]:
    """Where integer data arrive, through whatever only moves them."""
    found: list[Use] = []
    todo, seen = [(data, False)], {data.key}
    for node, part in todo:
        for reader in (graph[key] for key in graph.readers(node.key)):
            for name, key in zip(
                reader.op.names if reader.op else (), reader.operands, strict=True
            ):
                if key == node.key and (limit := limit_of(graph, reader, name)) is not None:
                    found.append(Use(reader, name, limit, part))
            if reader.op is not None and reader.op.moving and reader.key not in seen:
                cut = len(reader.operands) == 1 and size(reader.shape) != size(node.shape)
                todo.append((reader, part or cut))
                seen.add(reader.key)
    return found


def classes(graph: Graph, data: Node) -> int | None:
    """How many classes integer data tell apart, by what they are used for."""
    if data.leaf is None or not data.leaf.integer:
        return None
    limits = [use.limit.known for use in uses(graph, data)]
    return min((limit for limit in limits if limit is not None), default=None)


def told_integers(graph: Graph, report: Report) -> None:
    """Reports whole numbers where others are wanted, the reverse, and those out of their range."""
    integers = whole(graph)
    for node in graph.nodes:
        if node.op is not None:
            _integers(graph, node, integers, report)
        elif node.leaf is not None and node.leaf.integer:
            _classes(graph, node, report)


def _integers(graph: Graph, node: Node, integers: set[int], report: Report) -> None:
    """Whole numbers go where they are wanted or only moved, and nowhere else."""
    assert node.op is not None
    if node.op.moving or node.op.constant is not None:
        _mixed(graph, node, integers, report)
        return
    for name, key in zip(node.op.names, node.operands, strict=True):
        operand, limit = graph[key], limit_of(graph, node, name)
        if (key in integers) is (limit is not None):
            continue
        called, does, shape, hint = name_of(operand), sign_of(node), operand.shape, ""
        if limit is not None:
            message = f"`{does}` takes whole numbers for `{name}`, and `{called}` is not `int`"
            type_ = operand.leaf.declared if operand.leaf is not None else None
            sizes = brief(tree.ListOf(type_.span, type_.dims)) if type_ else ""
            hint = f"declare it `{called} : int{sizes}`" if type_ else ""
            if operand.kind in {"number", "const"} and not type_:
                hint = f"declare one: `const {name} : int{show(shape)} = {called}`"
        elif name in node.op.integers:
            message = f"`{called}` is `int`, and labels of the shape {show(shape)} are weights"
            hint = f"class numbers have the shape {show(shape[:-1])}; weights are not `int`"
        else:
            message = f"`{called}` holds whole numbers (`int`): `{does}` cannot compute with them"
            hint = "declare it without `int`" if operand.leaf is not None else ""
        notes = [Note(span, "declared here")] if (span := declared(operand)) else []
        report.add("E0307", place_of(node), message, notes=notes, help=hint)


def _mixed(graph: Graph, node: Node, integers: set[int], report: Report) -> None:
    """What is put together is of one kind."""
    first = next((key for key in node.operands if key in integers), None)
    other = next((key for key in node.operands if key not in integers), None)
    if first is not None and other is not None:
        called = [name_of(graph[key]) for key in (first, other)]
        message = f"`{called[0]}` is `int`, and `{called[1]}` is not: they cannot be put together"
        report.add("E0307", place_of(node), message)


def _classes(graph: Graph, data: Node, report: Report) -> None:
    """Whole numbers that are written out are below their limit, which parts of data share."""
    limits = [(use, use.limit.known) for use in uses(graph, data) if use.limit.known is not None]
    if not limits:
        return
    use, limit = min(limits, key=lambda pair: pair[1])
    most, highest = max(limits, key=lambda pair: pair[1])
    if use.part and limit < highest:
        message = f"parts of `{name_of(data)}` are used with other ranges: below {limit} here"
        notes = [Note(place_of(most.reader), f"below {highest} here")]
        hint = "declare each part as data of its own"
        report.add("E0307", place_of(use.reader), message, notes=notes, help=hint)
    constant = data.origin.statement
    for number in walk(constant.value) if isinstance(constant, tree.Const) else ():
        if isinstance(number, tree.Number) and not 0 <= number.value < limit:
            what = f"`{use.operand}` of `{sign_of(use.reader)}`"
            message = f"{what} must be from 0 to {limit - 1}, and this is {printing.show(number)}"
            report.add("E0405", number.span, message)

"""A draft that copies a graph and spells out what has no derivative but a definition."""

from __future__ import annotations

from collections.abc import Iterable

from graphc.dataflow import Graph, Node
from graphc.draft import Draft
from graphc.explaining import explained
from graphc.op import Attributes, Op
from graphc.rules import define, rule_of


class Spelling(Draft):
    """A draft in which an operation without a derivative of its own stands as its definition."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.dtype = graph.settings.dtype
        self.labels = {node.label for node in graph.nodes if node.label}
        self.tracking: list[Node] = []  # the operations that change frozen operands

    def stands(self, op: Op) -> bool:
        """Whether an operation is copied as it is."""
        return not (op.tracks or op.constant or (op.definition and not op.adjoint))

    def add(self, op: Op, operands: Iterable[int], attributes: Attributes) -> int:
        node = self.made(op, tuple(operands), attributes)
        if op.tracks:
            self.tracking.append(node)
        if op.definition and not op.adjoint:
            outer = self.origin
            if op.evaluation:
                shapes = tuple(self[operand].shape for operand in node.operands)
                definitions = rule_of(op.definition, shapes, node.attributes)
                rule = explained(op, node.attributes, definitions, [op.result], self.labels)
                self.origin = outer._replace(rule=rule)
            key = define(op, node.operands, node.attributes, self, self.dtype)
            self.origin = outer
            return key
        return self.place(node)

    def copy(self, graph: Graph) -> dict[int, int]:
        """Takes the nodes of a graph in, names and all; gives the new key of each."""
        place: dict[int, int] = {}
        for node in graph.nodes:
            self.origin = node.origin
            operands = tuple(place[operand] for operand in node.operands)
            if node.op is None or self.stands(node.op):
                place[node.key] = self.place(node._replace(operands=operands))
                continue
            key = place[node.key] = self.add(node.op, operands, node.attributes)
            if node.label and self[key].op and not self[key].label:
                self.nodes[key] = self[key]._replace(label=node.label)
        return place

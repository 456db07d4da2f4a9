"""graph -> graph for evaluation: without what only training does, by what training has learnt."""

from __future__ import annotations

from collections.abc import Iterable

from graphc.dataflow import Graph
from graphc.draft import completed
from graphc.explaining import explained
from graphc.op import Attributes, Op
from graphc.rules import Scope, rule_of
from graphc.spelling import Spelling


class _Evaluation(Spelling):
    """A draft in which operations stand as what they are in evaluation."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self.differs = False  # from what is trained
        self.left_out: dict[str, None] = {}

    def stands(self, op: Op) -> bool:
        return super().stands(op) and not op.evaluation

    def add(self, op: Op, operands: Iterable[int], attributes: Attributes) -> int:
        operands = tuple(operands)
        shapes = tuple(self[operand].shape for operand in operands)
        given = completed(op, attributes, shapes)
        definitions = rule_of(op.evaluation, shapes, given)
        if not definitions:
            return super().add(op, operands, attributes)
        self.differs = True
        outer = self.origin
        rule = explained(op, given, definitions, [op.result], self.labels)
        self.origin = outer._replace(rule=rule)
        values = dict(zip(op.names, operands, strict=True))
        key = Scope(self, values, given, definitions, self.dtype).value(op.result)
        if key in operands:
            self.left_out.setdefault(rule)
        self.origin = outer
        return key


def evaluated(graph: Graph) -> Graph | None:
    """The graph of evaluation, without gradients; None if it is the graph of training."""
    draft = _Evaluation(graph)
    place = draft.copy(graph)
    if not draft.differs:
        return None
    return Graph.of(
        draft.nodes.values(),
        graph.settings,
        outputs={name: place[key] for name, key in graph.outputs.items()},
        loss=None if graph.loss is None else place[graph.loss],
        left_out=tuple(draft.left_out),
    )

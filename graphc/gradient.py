"""graph -> graph with gradients: the chain rule in reverse order, summed where a value fans out."""

from __future__ import annotations

from collections.abc import Sequence

from graphc.book import book
from graphc.dataflow import Graph, Node, Origin
from graphc.dims import Shape, Solver
from graphc.explaining import explained
from graphc.op import Op
from graphc.rules import Scope, proven, rule_of
from graphc.shaping import broadcast
from graphc.spelling import Spelling
from graphc.tree import Name


def differentiate(graph: Graph) -> Graph:
    """The graph with the gradient of its loss by every trained parameter that reaches it.

    And with what a step makes of the frozen parameters that operations track.
    """
    draft = Spelling(graph)
    place = draft.copy(graph)
    tracking = list(draft.tracking)
    loss = None if graph.loss is None else place[graph.loss]
    gradients = {} if loss is None else Reverse(draft, graph, loss).run()
    return Graph.of(
        draft.nodes.values(),
        graph.settings,
        outputs={name: place[key] for name, key in graph.outputs.items()},
        loss=loss,
        gradients=gradients,
        tracked=_tracked(draft, tracking),
    )


def _tracked(draft: Spelling, tracking: Sequence[Node]) -> dict[str, int]:
    """The value of each tracked parameter after a step, by name."""
    found: dict[str, int] = {}
    for node in tracking:
        assert node.op is not None
        shapes = tuple(draft[operand].shape for operand in node.operands)
        rules = rule_of(node.op.tracks, shapes, node.attributes)
        definitions = rule_of(node.op.definition, shapes, node.attributes) | rules
        values = dict(zip(node.op.names, node.operands, strict=True))
        scope = Scope(draft, values, node.attributes, definitions, draft.dtype)
        for name in rules:
            leaf = draft[values[name.rstrip("'")]].leaf if name.endswith("'") else None
            if leaf is not None:
                rule = explained(node.op, node.attributes, definitions, [name], draft.labels)
                draft.origin = node.origin._replace(rule=rule)
                found[leaf.name] = scope.value(name)
    return found


class Reverse:
    """One sweep from the loss back to the parameters."""

    def __init__(self, draft: Spelling, graph: Graph, loss: int) -> None:
        self.draft = draft
        self.dtype = graph.settings.dtype
        self.loss = loss
        forward = Graph.of(draft.nodes.values(), graph.settings, loss=loss)
        self.nodes = forward.nodes
        self.needed = forward.learnt(sloped=True) & forward.before([loss])
        self.labels = {node.label for node in graph.nodes if node.label}
        self.totals: dict[int, int] = {}  # what the readers met so far send back, added up

    def run(self) -> dict[str, int]:
        """The gradient's node of each parameter, by name."""
        self.draft.origin = Origin(self.draft[self.loss].origin.statement, backward=True)
        self.totals[self.loss] = self.draft.number(1)
        found: dict[str, int] = {}
        for node in reversed(self.nodes):
            if node.key not in self.needed or node.key not in self.totals:
                continue
            total = self._named(node, self.totals[node.key])
            if node.leaf is not None:
                found[node.leaf.name] = total
            elif node.op is not None:
                self.through(node, node.op, total)
        order = [node.leaf.name for node in self.nodes if node.leaf is not None]
        return {name: found[name] for name in order if name in found}

    def _named(self, node: Node, total: int) -> int:
        """The gradient of a value, called after it where the user named it."""
        if node.label and self.draft[total].op is not None and total >= len(self.nodes):
            self.draft.nodes[total] = self.draft[total]._replace(gradient_of=node.label)
        return total

    def send(self, operand: int, part: int) -> None:
        """Adds a reader's part to the gradient of a value."""
        part = self.fitted(part, self.draft[operand].shape)
        if operand in self.totals:
            label = self.draft[operand].label
            remark = f"{label} feeds several: their gradients add up" if label else ""
            origin = self.draft.origin
            self.draft.origin = origin._replace(rule="", remark=remark)
            add = book().roles["accumulate"]
            part = self.draft.add(add, (self.totals[operand], part), {})
            self.draft.origin = origin
        self.totals[operand] = part

    def through(self, node: Node, op: Op, total: int) -> None:
        """Sends a gradient back through an operation, to each operand that needs it."""
        shapes = tuple(self.draft[operand].shape for operand in node.operands)
        definitions = rule_of(proven(op).adjoint, shapes, node.attributes)
        if not definitions:
            return
        shown = [
            f"d{name}"
            for name, operand in zip(op.names, node.operands, strict=True)
            if operand in self.needed and f"d{name}" in definitions
        ]
        rule = explained(op, node.attributes, definitions, shown, self.labels)
        self.draft.origin = Origin(node.origin.statement, node.origin.span, rule, backward=True)
        values = dict(zip(op.names, node.operands, strict=True))
        values |= {op.result: node.key, f"d{op.result}": total}
        scope = Scope(self.draft, values, node.attributes, definitions, self.dtype)
        for name, operand in zip(op.names, node.operands, strict=True):
            if operand in self.needed and f"d{name}" in definitions:
                expr = definitions[f"d{name}"]
                # `da = dy` names the gradient that came in; every other rule makes its own
                part = values[expr.id] if isinstance(expr, Name) else scope.value(f"d{name}")
                self.send(operand, part)

    def fitted(self, key: int, shape: Shape) -> int:
        """A gradient in the shape of its value: summed where the value was broadcast."""
        have = self.draft[key].shape
        if have == shape:
            return key
        wide = broadcast(Solver(), (have, shape), {})
        if wide != have:
            key = self.draft.add(book().roles["spread"], (key,), {"shape": wide})
        if wide != shape:
            key = self.draft.add(book().roles["narrow"], (key,), {"shape": shape})
        return key

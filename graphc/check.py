"""The invariants between the stages: what each may rely on, asserted after the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graphc.dataflow import Graph, inline, operands
from graphc.plan import Plan


def stage(name: str, value: Any) -> None:
    """Raises AssertionError if a stage's value breaks what the next one relies on."""
    if name in CHECKS:
        CHECKS[name](value)


def ordered(graph: Graph) -> None:
    """Operands come before their readers, and roots are nodes."""
    seen: set[int] = set()
    for node in graph.nodes:
        assert all(operand in seen for operand in node.operands), f"{node.kind} comes too early"
        seen.add(node.key)
    assert all(root in seen for root in graph.roots), "a root is no node"


def shaped(graph: Graph) -> None:
    """Every gradient has the shape of its parameter, and the loss is a scalar."""
    ordered(graph)
    shapes = {node.leaf.name: node.shape for node in graph.leaves("param") if node.leaf}
    for name, key in graph.gradients.items():
        assert graph[key].shape == shapes[name], f"the gradient of {name} has another shape"
    assert graph.loss is None or graph[graph.loss].shape == (), "the loss is no scalar"


def lowered(graph: Graph) -> None:
    """Nothing is left that is defined by others; each gradient is a node of its own."""
    shaped(graph)
    for node in graph.nodes:
        assert node.op is None or not node.op.definition, f"{node.kind} was not spelt out"
    assert len(set(graph.gradients.values())) == len(graph.gradients), "two gradients share a node"


def planned(plans: tuple[Plan, Plan]) -> None:
    """No statement writes into an array that holds a value which a later one reads."""
    model, rule = plans
    training = [k for name in ("forward", "loss", "backward") for k in model.functions[name]]
    predicting = [k for name in ("forward", "outputs") for k in model.functions[name]]
    alive(model, training, model.graph.gradients.values())
    alive(model, predicting, model.graph.outputs.values())
    alive(rule, rule.functions["update"], rule.graph.outputs.values())


def alive(plan: Plan, order: Sequence[int], wanted: Iterable[int] = ()) -> None:
    """Runs through the statements and asserts that each reads what its operands wrote.

    What is `wanted` must still stand in its place at the end.
    """
    written = set(order)
    holds = {home: key for key, home in plan.homes.items() if key not in written}
    for key in order:
        node = plan.graph[key]
        for operand in operands(node, plan.graph):
            home = plan.homes.get(operand)
            assert home is None or holds[home] == operand, (
                f"{plan.names[key]} reads {plan.names[operand]}, whose array was overwritten"
            )
        if not inline(node, plan.graph) and key in plan.homes:
            holds[plan.homes[key]] = key
    for key in wanted:
        home = plan.homes.get(key)
        assert home is None or holds[home] == key, f"{plan.names[key]} was overwritten"


CHECKS: dict[str, Callable[[Any], None]] = {
    "shapes": ordered,
    "stable": ordered,
    "gradient": shaped,
    "rewrite": lowered,
    "update": ordered,
    "plan": planned,
}

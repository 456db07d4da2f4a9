"""The invariants between the stages: what each may rely on, asserted after the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from graphc.dataflow import Graph
from graphc.phases import EVALUATE, PREDICT, TRAIN
from graphc.plan import Plan


def stage(name: str, value: Any) -> None:
    """Raises AssertionError if a stage's value breaks what the next one relies on."""
    if name in CHECKS:
        CHECKS[name](value)


def ordered(graph: Graph) -> None:
    """Operands come before their readers, and roots are nodes."""
    seen: set[int] = set()
    for node in graph.nodes:
        assert seen.issuperset(node.operands), f"{node.kind} comes too early"
        seen.add(node.key)
    assert all(root in seen for root in graph.roots), "a root is no node"


def shaped(graph: Graph) -> None:
    """A gradient, or the next value, has its parameter's shape, and the loss is a scalar."""
    ordered(graph)
    shapes = {node.leaf.name: node.shape for node in graph.leaves("param") if node.leaf}
    for name, key in graph.gradients.items():
        assert graph[key].shape == shapes[name], f"the gradient of {name} has another shape"
    for name, key in graph.tracked.items():
        assert graph[key].shape == shapes[name], f"the next {name} has another shape"
    assert graph.loss is None or graph[graph.loss].shape == (), "the loss is no scalar"


def lowered(graph: Graph) -> None:
    """Nothing is left that is defined by others; each gradient is a node of its own."""
    shaped(graph)
    for node in graph.nodes:
        assert node.op is None or not node.op.definition, f"{node.kind} was not spelt out"
    own = [*graph.gradients.values(), *graph.tracked.values()]
    assert len(set(own)) == len(own), "two gradients, or next values, share a node"


def deterministic(graph: Graph | None) -> None:
    """In evaluation nothing is drawn and nothing is learnt."""
    if graph is not None:
        lowered(graph)
        assert not any(node.drawn for node in graph.nodes), "evaluation draws random numbers"
        assert not graph.gradients, "evaluation has gradients"
        assert not graph.tracked, "evaluation changes parameters"


def planned(plans: Sequence[Plan]) -> None:
    """No statement writes into an array that holds a value which a later one reads.

    And what stands in `draw` and `track`, and nothing else, depends on random numbers being new.
    """
    model, rule, *evaluation = plans
    graph = model.graph
    for name, keys in model.functions.items():
        for key in keys:
            assert graph[key].drawn == (name == "draw"), f"{model.names[key]} stands in {name}"
    assert evaluation or not graph.tracked, "only training changes parameters"
    assert evaluation or "draw" not in model.functions, "only training draws random numbers"
    alive(model, run(model, TRAIN), [*graph.gradients.values(), *graph.tracked.values()])
    alive(rule, rule.functions["update"], rule.graph.outputs.values())
    judge, names = (evaluation[0], EVALUATE) if evaluation else (model, PREDICT)
    forward, outputs, loss = names
    judge = replace(judge, homes=judge.prediction.homes, work={})
    predicting = run(judge, (forward, outputs))
    alive(judge, predicting, judge.graph.outputs.values())
    alive(judge, run(judge, (forward, loss)))


def run(plan: Plan, names: Iterable[str]) -> list[int]:
    """The statements of some functions, one function after another."""
    return [key for name in names for key in plan.functions.get(name, ())]


def alive(plan: Plan, order: Sequence[int], wanted: Iterable[int] = ()) -> None:
    """Runs through the statements and asserts that each reads what its operands wrote.

    What is `wanted` must still stand in its place at the end.
    """
    written = set(order)
    holds = {home: key for key, home in plan.homes.items() if key not in written}
    for key in order:
        for slot in plan.work.get(key, {}).values():
            if slot.fill is None:
                holds[slot.home] = -1
        for operand in plan.graph.reads[key]:
            home = plan.homes.get(operand)
            assert home is None or holds[home] == operand, (
                f"{plan.names[key]} reads {plan.names[operand]}, whose array was overwritten"
            )
        if key in plan.homes and key not in plan.graph.inlined:
            holds[plan.homes[key]] = key
    for key in wanted:
        home = plan.homes.get(key)
        assert home is None or holds[home] == key, f"{plan.names[key]} was overwritten"


CHECKS: dict[str, Callable[[Any], None]] = {
    "shapes": ordered,
    "stable": ordered,
    "gradient": shaped,
    "rewrite": lowered,
    "evaluation": deterministic,
    "update": ordered,
    "plan": planned,
}

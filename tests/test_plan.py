"""The plan derived again, naively: no two live values share an array."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from oracle import Model
from random_models import models
from systems import EXAMPLES, random_data

import graphc
from graphc import check, emit
from graphc.compiled import load_source
from graphc.dataflow import operands
from graphc.dims import Shape
from graphc.model import described
from graphc.plan import Plan
from graphc.rooms import Array, Home

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.nn"))
RULES = [
    "sgd()",
    "sgd(weight_decay = 0.1)",
    "sgd(momentum = 0.9)",
    "sgd(momentum = 0.9, nesterov = true, weight_decay = 0.1)",
    "momentum(learning_rate = 1 / step, mu = 0.5)",
    "adam(weight_decay = 0.1)",
]


def planned(path_or_text: Path | str, **settings: Any) -> tuple[Plan, Plan]:
    """The plans of the model and of its update."""
    stages: dict[str, Any] = {}
    whole = graphc.compile_file if isinstance(path_or_text, Path) else graphc.compile_text
    whole(path_or_text, on_stage=stages.__setitem__, **settings)
    return stages["plan"]


def runs(plans: tuple[Plan, Plan]) -> Iterator[tuple[Plan, list[int], set[int]]]:
    """What is run in one go, and the values that are wanted after it."""
    model, rule = plans
    graph = model.graph
    for names, wanted in (
        (("forward", "loss", "backward"), {*graph.gradients.values(), graph.loss}),
        (("forward", "outputs"), set(graph.outputs.values())),
    ):
        plan = predicted(model) if "outputs" in names else model
        yield plan, [key for name in names for key in model.functions[name]], wanted - {None}
    yield rule, list(rule.functions["update"]), set(rule.graph.outputs.values())


def clashes(plan: Plan, order: Sequence[int], wanted: set[int]) -> list[tuple[str, str]]:
    """Values that a statement overwrites although something reads them later."""
    graph, found = plan.graph, []
    written = {key: place for place, key in enumerate(order)}
    reads: dict[int, list[int]] = {key: [len(order)] for key in wanted}
    for place, key in enumerate(order):
        for operand in operands(graph[key], graph):
            reads.setdefault(operand, []).append(place)
    for place, key in enumerate(order):
        for other, home in plan.homes.items():
            if other == key or home != plan.homes.get(key) or written.get(other, -1) >= place:
                continue
            if any(later > place for later in reads.get(other, ())):
                found.append((plan.names[key], plan.names[other]))
            if place in reads.get(other, ()):
                node = graph[key]
                assert node.op is not None
                promised = node.op.overwrites.replace(",", " ").split()
                named = [n for n, o in zip(node.op.names, node.operands, strict=True) if o == other]
                direct = operands(node, graph).count(other) == len(named)
                if not (named and direct and set(named) & set(promised)):
                    found.append((plan.names[key], plan.names[other]))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_no_two_live_values_share_an_array(name: str) -> None:
    for plan, order, wanted in runs(planned(EXAMPLES / f"{name}.nn")):
        assert not clashes(plan, order, wanted)


@pytest.mark.parametrize("rule", RULES)
def test_no_state_is_overwritten_before_it_is_read(rule: str) -> None:
    text = f"param W : [3] = 1\nloss sum(W * W)\noptimizer {rule}\n"
    for plan, order, wanted in runs(planned(text)):
        assert not clashes(plan, order, wanted)


@given(models())
def test_no_two_live_values_of_a_random_model_share_an_array(model: Model) -> None:
    for plan, order, wanted in runs(planned(model.text)):
        assert not clashes(plan, order, wanted)


def merged(plan: Plan, kept: Home, gone: Home) -> Plan | None:
    """The plan with two arrays in one; None if they are not of one size."""
    held = [array_at(plan, home) for home in (kept, gone)]
    one, other = held
    if one is None or other is None or (one.size, one.dtype) != (other.size, other.dtype):
        return None
    homes = {key: kept if home == gone else home for key, home in plan.homes.items()}
    views: dict[Shape, tuple[str, ...]] = {}
    for shape, names in (*one.views, *other.views):
        views[shape] = (*views.get(shape, ()), *names)
    both = replace(one, views=tuple(views.items()))
    arrays = [array for array in plan.arrays if array not in held]
    return replace(plan, homes=homes, arrays=(*arrays, both))


def array_at(plan: Plan, home: Home) -> Array | None:
    """The array of the buffers that is some values' home."""
    names = {plan.names[key] for key, place in plan.homes.items() if place == home}
    return next((one for one in plan.arrays if names.intersection(one.names)), None)


def predicted(plan: Plan) -> Plan:
    """The plan with the arrays of a prediction in place of those of a step."""
    return replace(plan, homes=plan.prediction.homes, arrays=plan.prediction.arrays)


@pytest.mark.parametrize("name", ["digits", "columns", "seed", "iris"])
def test_two_live_arrays_in_one_are_caught(name: str) -> None:
    plan, rule = planned(EXAMPLES / f"{name}.nn", dtype="float64")
    model, caught = described(plan, rule), 0
    data = random_data(model, 5)
    expected = results(emit.module(plan, rule, model), data)
    homes = sorted({h for h in plan.homes.values() if h.kind == "array"}, key=lambda h: h.number)
    for kept, gone in combinations(homes, 2):
        wrong = merged(plan, kept, gone)
        if wrong is None or not any(clashes(*run) for run in runs((wrong, rule))):
            continue
        caught += 1
        with pytest.raises(AssertionError, match="whose array was overwritten"):
            check.planned((wrong, rule))
        found = results(emit.module(wrong, rule, model), data)
        assert any(not np.allclose(a, b) for a, b in zip(expected, found, strict=True))
    assert caught


def results(source: str, data: Mapping[str, Any]) -> list[Any]:
    """What a module gives for some data: outputs, loss and gradient."""
    module = load_source(source, "sabotaged")
    trainer = module.Trainer(seed=0)
    inputs = {name: one for name, one in data.items() if module.DATA[name][0] == "input"}
    return [trainer.predict(**inputs), *trainer.loss_and_gradient(**data)]

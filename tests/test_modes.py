"""Training and evaluation: every statement of both is proven, each has a plan."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from systems import held, random_data
from test_plan import clashes, merged, predicted

import graphc
from graphc import check, emit
from graphc.book import book
from graphc.book import check as read
from graphc.dump import dumped
from graphc.model import at, described
from graphc.op import Attribute, Op, OpError
from graphc.pipeline import STAGES
from graphc.plan import Plan
from graphc.prediction import Prediction
from graphc.rooms import Home
from graphc.rules import proven
from graphc.verify import verify

BOTH = """
    input x : [batch, 3, 6, 6]
    target t : int[batch]
    param gamma : [3] = uniform(0.5, 1.5)
    param beta : [3] = normal(1)
    param mean : [3] = zeros frozen
    param variance : [3] = ones frozen
    param W1 : [108, 8] = he_normal
    param b1 : [8] = zeros
    param W2 : [8, 4] = he_normal
    n = normalise_batch(x, gamma, beta, mean, variance)
    h = tanh(reshape(relu(n), [batch, 108]) @ W1 + b1)
    logits = dropout(h, 0.2) @ W2
    p = softmax(logits)
    output p, h
    loss cross_entropy(logits, t)
    optimizer adam()
"""
TRAINING = ("draw", "forward", "loss", "backward", "track")
JUDGING = (("evaluate", "evaluation_outputs"), ("evaluate", "evaluation_loss"))


def planned(text: str, **settings: Any) -> tuple[Plan, Plan, Plan]:
    """The plans of training, of the update and of evaluation."""
    stages: dict[str, Any] = {}
    graphc.compile_text(text, on_stage=stages.__setitem__, **settings)
    return stages["plan"]


def runs(plans: tuple[Plan, Plan, Plan]) -> list[tuple[Plan, list[int], set[int]]]:
    """What is run in one go, and the values that are wanted after it."""
    training, _, judging = plans
    graph = training.graph
    wanted = {*graph.gradients.values(), *graph.tracked.values()}
    return [
        (training, check.run(training, TRAINING), wanted),
        (predicted(judging), check.run(judging, JUDGING[0]), {*judging.graph.outputs.values()}),
        (predicted(judging), check.run(judging, JUDGING[1]), set()),
    ]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("plain", [False, True])
def test_every_function_is_proven(plain: bool, dtype: str) -> None:
    found = verify(graphc.compile_text(BOTH, plain=plain, dtype=dtype).source)
    assert found.holds, found
    assert [one.name for one in found.parameters] == ["gamma", "beta", "W1", "b1", "W2"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("random((batch, 8), DTYPE)", "random((batch, 8), DTYPE) / 2"),
        ("random((batch, 8), DTYPE)", "random((8, batch), DTYPE).T"),
        ("rng.random(out=noise1, dtype=DTYPE)", "rng.standard_normal(out=noise1, dtype=DTYPE)"),
        ("# mean = 0.9 * mean", "# mean = 0.8 * mean"),
        ("multiply(_0_9, variance, out=variance)", "multiply(_0_9, variance, out=mean)"),
        ("    mean, variance = params.mean", "    variance, mean = params.mean"),
        ("subtract(x, spread(mean[:", "subtract(x, spread(beta[:"),
        ("# s1 = variance + ", "# s1 = variance + 0.1 + "),
    ],
)  # fmt: skip
def test_a_column_that_was_changed_is_noticed(old: str, new: str) -> None:
    source = graphc.compile_text(BOTH).source
    assert old in source
    found = verify(source.replace(old, new))
    assert found.disagreements


def test_a_backward_pass_without_the_mask_is_noticed() -> None:
    source = graphc.compile_text(BOTH, plain=True).source
    wrong, count = re.subn(r"(?m)^    dh = (\w+) \* \w+$", r"    dh = \1", source)
    assert count == 1
    found = verify(wrong)
    assert not found.disagreements
    assert any(not one.agrees for one in found.parameters)


@pytest.mark.parametrize("place", [0, 2], ids=["training", "evaluation"])
def test_two_live_arrays_in_one_are_noticed(place: int) -> None:
    plans = planned(BOTH, dtype="float64")
    plan, tried = predicted(plans[place]) if place else plans[place], 0
    homes = sorted({h for h in plan.homes.values() if h.kind == "array"}, key=lambda h: h.number)
    for kept, gone in combinations(homes, 2):
        one = merged(plan, kept, gone)
        if one is None:
            continue
        wrong = list(plans)
        wrong[place] = one
        if place:
            wrong[place] = replace(plan, prediction=Prediction(one.arrays, one.homes))
        training, rule, judging = wrong
        if not any(clashes(*run) for run in runs((training, rule, judging))):
            continue
        tried += 1
        with pytest.raises(AssertionError, match="overwritten"):
            check.planned(wrong)
        text = emit.module(training, rule, described(*plans), judging)
        assert not verify(text).holds, (kept, gone)
    assert tried


def test_no_two_live_values_share_an_array() -> None:
    for run in runs(planned(BOTH)):
        assert not clashes(*run)


def test_a_plan_that_draws_in_evaluation_is_refused() -> None:
    training, rule, judging = planned(BOTH)
    draws = {**training.functions, "forward": training.functions["draw"], "draw": ()}
    for wrong in (replace(training, functions=draws), training):
        with pytest.raises(AssertionError):
            check.planned((wrong, rule))
    stages: dict[str, Any] = {}
    graphc.compile_text(BOTH, on_stage=stages.__setitem__)
    for name in ("gradient", "rewrite"):
        with pytest.raises(AssertionError):
            check.stage("evaluation", stages[name])
    lost = Home("array", 0)
    tracked = dict.fromkeys(training.graph.tracked.values(), lost)
    with pytest.raises(AssertionError):
        check.planned((replace(training, homes={**training.homes, **tracked}), rule, judging))


@pytest.mark.parametrize(
    "wrong",
    [
        {"tracks": "mean' = sum(x)"},
        {"tracks": ""},  # then there is no derivative by mean
        {"evaluation": "y = mean"},
        {"attributes": {"momentum": Attribute("number", 0.1, "0..1")}},
    ],
    ids=str,
)
def test_a_record_that_does_not_hold_together_is_refused(wrong: Any) -> None:
    (op,) = [one for one in book().values() if one.tracks]
    proven(op)

    def insist(one: Op) -> None:
        read(one, "normalise_batch.py")
        proven(one)

    with pytest.raises(OpError):
        insist(replace(op, **wrong))


def test_both_graphs_and_plans_are_shown() -> None:
    shown: dict[str, str] = {}
    graphc.compile_text(BOTH, on_stage=lambda name, value: shown.update({name: dumped(value)}))
    assert list(shown) == list(STAGES)
    assert "next mean = " in shown["gradient"]
    assert "random(" in shown["rewrite"]
    assert "random(" not in shown["evaluation"]
    assert "gradient of" not in shown["evaluation"]
    for name in (*TRAINING, *sum(JUDGING, ())):
        assert f"\n{name}:\n" in shown["plan"]


def test_memory_counts_both_kinds_of_buffers() -> None:
    compiled = graphc.compile_text(BOTH)
    module, model = compiled.load(), compiled.model
    assert at(model.step, 7) == held(vars(module.Buffers(7)).values())
    assert at(model.prediction, 7) == held(vars(module.EvaluationBuffers(7)).values())


def test_a_steady_step_makes_no_arrays() -> None:
    import tracemalloc

    text = """
        input x : [batch, 64]
        param W : [64, 64] = he_normal
        y = dropout(x @ W, 0.5)
        loss mean(square(y))
    """
    one = graphc.compile_text(text).load().Trainer()
    x = random_data(graphc.compile_text(text).model, 2000)["x"].astype(np.float32)
    for _ in range(2):
        one.step(x)
    tracemalloc.start()
    try:
        one.step(x)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        one.step(x)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < 3 * 8192 * 8 < x.nbytes

"""Models at the corners of the language: scalars alone, losses that are leaves, long chains."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

import graphc
from graphc.check import alive
from graphc.gradient import differentiate
from graphc.op import OpError
from graphc.pipeline import front
from graphc.plan import Plan
from graphc.rules import proven
from graphc.source import Source
from graphc.verify import verify

ROWS = np.linspace(-1, 1, 12).reshape(4, 3)
CORNERS = {
    "constant arrays": ("param A : [2, 3] = normal(1)\nparam B : [3, 2] = 1\nloss mean(A @ B)", ()),
    "a scalar through a root": ("param p = 3\nloss sqrt(p * p)", ()),
    "a scalar through tanh": ("param p = 3\nloss tanh(p)", ()),
    "both sides of a power": ("param p = 3\nparam q = 2\nloss p ** q", ()),
    "a loss that is a parameter": ("param p = 3\nloss p", ()),
    "a loss that is a view": ("param p : [1, 1] = 3\nloss reshape(p, [])", ()),
    "an output the gradient computes too": (
        "param W : [2] = ones\nq = 1 - square(tanh(W))\noutput q\nloss sum(tanh(W))",
        (),
    ),
    "sizes as numbers": (
        "input x : [batch, 3]\nparam p : [3] = 3\nloss mean(p * x) + sum(batch * batch)",
        (ROWS,),
    ),
    "a product scaled by its rows": (
        "input x : [batch, 3]\nparam W : [3, 2] = normal(1)\nz = x @ W * sqrt(batch)\n"
        "output z\nloss mean(square(z)) / (batch + 1)",
        (ROWS,),
    ),
}  # fmt: skip


@pytest.mark.parametrize("plain", [False, True], ids=["fused", "plain"])
@pytest.mark.parametrize("name", CORNERS)
def test_a_corner_trains_and_is_proven(name: str, plain: bool) -> None:
    text, data = CORNERS[name]
    compiled = graphc.compile_text(text, plain=plain)
    trainer = compiled.load().Trainer(seed=1)
    before = trainer.loss(*data)
    assert trainer.step(*data) == before
    assert trainer.loss(*data) < before
    if compiled.model.outputs:
        assert trainer.predict(*data).dtype == np.float32
    assert verify(compiled.source).holds


def test_a_power_of_zero_by_zero_has_the_slope_zero() -> None:
    text = "param x : [3] = [1, 2, 3]\nconst k = [0, 1, 2]\nloss sum((x - [1, 1, 1]) ** k)"
    trainer = graphc.compile_text(text).load().Trainer()
    assert trainer.gradients()["x"].tolist() == [0, 1, 4]


def test_a_learning_rate_that_folds_to_nothing_changes_nothing() -> None:
    text = "param p = 3\nloss p * p\noptimizer sgd(learning_rate = 0 * step)"
    trainer = graphc.compile_text(text).load().Trainer()
    trainer.fit(epochs=3)
    assert trainer.params["p"] == 3


def test_an_update_that_overflows_leaves_the_parameters_of_the_last_finite_step() -> None:
    text = "param p = 1e18\nloss p * p\noptimizer sgd(learning_rate = 1e21)"
    trainer = graphc.compile_text(text).load().Trainer()
    with pytest.raises(FloatingPointError, match="step 1: the update is not finite"):
        trainer.fit(epochs=5)
    assert trainer.params["p"] == np.float32(1e18)
    assert trainer.steps == 0


@pytest.mark.parametrize(
    "lines",
    [
        ["n0 = W", *(f"n{i + 1} = tanh(n{i}) + abs(n{i})" for i in range(25)), "last = n25"],
        ["n0 = W", *(f"n{i + 1} = transpose(n{i}, [1, 0])" for i in range(600)), "last = n600"],
        ["n0 = sum(W)", *(f"n{i + 1} = tanh(n{i})" for i in range(600)), "last = W * n600"],
        ["k0 = batch", *(f"k{i + 1} = k{i} + 1 / k{i}" for i in range(25)), "last = W * k25"],
        [f"last = {' + '.join(['W'] * 1000)}"],
    ],
    ids=["diamonds", "views", "scalars", "sizes", "terms"],
)
def test_long_and_branching_chains_compile(lines: list[str]) -> None:
    head = ["input x : [batch, 3]", "param W : [3, 3] = he_normal"]
    trainer = (
        graphc.compile_text("\n".join([*head, *lines, "loss mean(x @ last)"])).load().Trainer()
    )
    assert np.isfinite(trainer.step(ROWS))


def test_every_loaded_module_can_be_pickled() -> None:
    compiled = graphc.compile_text("param p = 3\nloss p * p")
    for module in (compiled.load(), compiled.load()):
        trainer = module.Trainer()
        trainer.fit(epochs=2)
        again = pickle.loads(pickle.dumps(trainer))
        assert again.steps == 2
        assert again.params["p"] == trainer.params["p"]


def test_two_outputs_in_one_array_are_noticed() -> None:
    stages: dict[str, tuple[Plan, Plan]] = {}
    text = "input x : [batch, 3]\nparam p = 1\na = x * p\nb = exp(a)\noutput a, b\nloss mean(b)"
    graphc.compile_text(text, on_stage=stages.__setitem__)
    plan = stages["plan"][0]
    a, b = plan.graph.outputs.values()
    order = [*plan.functions["forward"], *plan.functions["outputs"]]
    plan = replace(plan, homes={**plan.prediction.homes})
    alive(plan, order, [a, b])
    assert isinstance(plan.homes, dict)
    plan.homes[b] = plan.homes[a]
    with pytest.raises(AssertionError, match="overwritten"):
        alive(plan, order, [a, b])


def test_a_gradient_that_is_left_out_is_noticed() -> None:
    source = graphc.compile_text(
        "param p : [2] = ones\nparam q : [2] = ones\nloss sum(p * q)"
    ).source
    without = "\n".join(line for line in source.split("\n") if not line.strip().startswith("dp["))
    assert without != source
    assert not verify(without).holds


def test_an_operation_without_all_its_derivatives_is_refused() -> None:
    from dataclasses import replace

    from graphc.book import book

    with pytest.raises(OpError, match="there is no db"):
        proven(replace(book()["mul"], adjoint="da = dy * b", identities=()))


def test_no_gradient_is_derived_for_what_only_a_comparison_leads_to() -> None:
    text = """
    param w : [3] = [1, 2, 3]
    param v : [3] = ones
    h = greater(w, 1)
    loss sum(h * v) + sum(w)
    """
    whole = differentiate(front(Source(text, "model.nn"))[0])
    assert {node.gradient_of for node in whole.nodes if node.gradient_of} == {"v", "w"}
    assert sum(node.kind == "mul" for node in whole.nodes if node.origin.backward) == 1

"""What is done for speed and memory changes nothing that is computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import graphc
from graphc.measured import BOUNDARY, block
from graphc.verify import verify

LARGE = """
    input x : [batch, 64]
    param W : [64, 2100] = normal(0.1)
    param b : [2100] = zeros
    param fixed : [2100] = 1 frozen
    p = tanh(x @ W + b) * fixed
    output p
    loss mean(square(p - 0.5))
"""
RULES = [
    "sgd",
    "sgd(momentum = 0.9, nesterov = true, weight_decay = 0.1)",
    "adam(learning_rate = 0.01 / step)",
    "adamw(weight_decay = 0.01 * matrices, clip_norm = 0.001)",
    "lion",
    "rmsprop(momentum = 0.5)",
    "shrink",
]
SHRINK = """
    update shrink(rate = 0.1) {
        state mean = 1
        mean' = step * 0.5
        parameter' = parameter - rate * mean * gradient
    }
"""


def trained(rule: str, plain: bool, dtype: str = "float64") -> Any:
    text = f"{LARGE}\n{SHRINK if rule == 'shrink' else ''}\noptimizer {rule}"
    compiled = graphc.compile_text(text, plain=plain, dtype=dtype)
    trainer = compiled.load().Trainer()
    x = np.random.default_rng(1).standard_normal((5, 64)).astype(dtype)
    for _ in range(3):
        trainer.step(x)
    trainer.apply(trainer.gradient.copy())
    return compiled, trainer


@pytest.mark.parametrize("rule", RULES)
def test_an_update_in_blocks_is_the_update(rule: str) -> None:
    compiled, fused = trained(rule, plain=False)
    assert " in blocks(" in compiled.source
    _, plain = trained(rule, plain=True)
    assert_allclose(fused.theta, plain.theta, rtol=1e-12, atol=1e-14)
    assert verify(compiled.source).holds


def test_a_module_works_in_blocks_of_another_size() -> None:
    compiled, trainer = trained("adam", plain=False)
    changed = compiled.source.replace(f"BLOCK = {block(4)} ", "BLOCK = 1000 ")
    assert changed != compiled.source
    space: dict[str, Any] = {"__name__": "changed"}
    exec(changed, space)
    other = space["Trainer"]()
    x = np.random.default_rng(1).standard_normal((5, 64))
    for _ in range(3):
        other.step(x)
    other.apply(other.gradient.copy())
    assert_array_equal(other.theta, trainer.theta)


def test_arrays_begin_on_a_boundary() -> None:
    trainer = trained("adam", plain=False, dtype="float32")[1]
    (buffers,) = (one for kept in trainer._spare.values() for one in kept)
    arrays = [trainer.theta, trainer.gradient, *vars(trainer.state).values()]
    arrays += [one for one in vars(buffers).values() if isinstance(one, np.ndarray)]
    assert all(one.__array_interface__["data"][0] % BOUNDARY == 0 for one in arrays)


@pytest.mark.parametrize(
    ("losses", "value"),
    [("mean(2 ** a) + mse(b, c)", 9), ("mean(2 ** a) + mean(2 ** b) + sum(2 ** c)", 14)],
)
def test_a_sum_of_one_number_is_not_the_array_that_it_stood_in(losses: str, value: float) -> None:
    text = f"param a : [] = 3\nparam b : [] = 1\nparam c : [] = 2\nloss {losses}"
    compiled = graphc.compile_text(text)
    trainer = compiled.load().Trainer()
    assert trainer.loss() == trainer.loss_and_gradient()[0] == value
    assert verify(compiled.source).holds


def test_a_prediction_needs_no_size_that_only_a_target_has() -> None:
    text = """
        input x : [batch, 3]
        target t : [m, 3]
        param W : [3, 2] = normal
        param V : [3, 2] = normal
        q = sum(x @ W, axis = 0)
        p = tanh(exp(q) * 2)
        u = tanh(t @ V)
        w = exp(u) * 3
        output p
        loss mean(square(w)) + sum(p * q)
    """
    x = np.ones((4, 3))
    plain, fused = (graphc.compile_text(text, plain=one).load().Trainer() for one in (True, False))
    assert_allclose(fused.predict(x), plain.predict(x), rtol=1e-5)


def test_an_output_that_needs_larger_arrays_than_the_loss() -> None:
    text = """
        input x : [batch, 2]
        target y : [batch, 2]
        param V : [2, 64] = normal(1)
        h = x |> dense(2) |> relu
        q = relu(h @ V)
        output q
        loss mse(h, y)
    """
    compiled = graphc.compile_text(text)
    assert verify(compiled.source).holds
    trainer = compiled.load().Trainer()
    x, y = np.ones((4, 2)), np.zeros((4, 2))
    before = trainer.predict(x)
    plain = graphc.compile_text(text, plain=True).load().Trainer()
    assert_allclose(before, plain.predict(x), rtol=1e-5)
    assert_allclose(trainer.step(x, y), plain.step(x, y), rtol=1e-5)
    assert_allclose(trainer.predict(x), plain.predict(x), rtol=1e-5)


def test_buffers_of_the_last_few_batch_sizes_stay() -> None:
    module = graphc.compile_text(LARGE).load()
    made, buffers = [], module.Buffers

    def counted(*sizes: int) -> Any:
        made.append(sizes)
        return buffers(*sizes)

    module.Buffers = counted
    trainer = module.Trainer()
    for _ in range(3):
        for rows in (64, 13):
            trainer.step(np.ones((rows, 64)))
        for rows in (64, 13, 50):
            trainer.loss(np.ones((rows, 64)))
    assert made == [(64,), (13,)]
    for rows in range(1, 30):
        trainer.step(np.ones((rows, 64)))
    assert len(trainer._spare) <= 8


@pytest.mark.parametrize(
    "name", ["EvaluationBuffers", "ones", "mask", "room", "aligned", "zero", "largest_exponent"]
)
def test_what_a_module_needs_is_free_for_the_user(name: str) -> None:
    text = f"input {name} : [batch, 4]\nparam W : [4, 3] = normal\n"
    text += f"p = relu(sigmoid({name} @ W))\noutput p\nloss mean(square(p))"
    trainer = graphc.compile_text(text).load().Trainer()
    x = np.ones((2, 4), np.float32)
    trainer.step(**{name: x})
    assert trainer.predict(x).shape == (2, 3)
    assert np.isfinite(trainer.loss(x))


def test_a_gradient_takes_the_array_of_an_activation_that_is_read_no_more() -> None:
    text = "input x : [batch, 8]\nparam V : [8, 6] = normal\nparam W : [6, 5] = normal\n"
    source = graphc.compile_text(f"{text}h = x @ V\np = h @ W\nloss mean(p * p)").source
    assert "self.h = self.dh = aligned(batch, 6)" in source

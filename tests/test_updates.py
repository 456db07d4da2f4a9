"""Update rules: the shipped ones against their formulas, the user's own, schedules and clipping."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.library import PRELUDE, prelude
from graphc.verify import verify

DATA = "dtype float64\ninput x : [batch, 3]\ntarget y : [batch, 2]\n"
MODEL = f"{DATA}p = x |> dense(2)\noutput p\nloss mse(p, y)\n"
Array = Any
Reference = Callable[..., Array]


def trainer(optimizer: str, before: str = "", dtype: str = "float64") -> Any:
    text = f"{before}{MODEL}optimizer {optimizer}\n"
    return graphc.compile_text(text, dtype=dtype).load().Trainer(seed=2)


def steps(one: Any, count: int = 6) -> tuple[Array, list[Array], Array]:
    """The parameters at the start, some gradients, and the parameters after their steps."""
    rng = np.random.default_rng(5)
    start, gradients = one.theta.copy(), []
    for _ in range(count):
        gradients.append(rng.normal(size=start.size) * rng.choice([0.1, 1, 10]))
        one.apply(gradients[-1])
    return start, gradients, one.theta.copy()


def sgd(w: Array, gs: list[Array], lr: float, momentum: float, nesterov: bool, wd: float) -> Array:
    buffer = None
    for g in gs:
        g = g + wd * w
        if momentum:
            buffer = g if buffer is None else momentum * buffer + g
            g = g + momentum * buffer if nesterov else buffer
        w = w - lr * g
    return w


def adagrad(w: Array, gs: list[Array], lr: float, decay: float, eps: float, wd: float) -> Array:
    total = np.zeros_like(w)
    for t, g in enumerate(gs):
        g = g + wd * w
        total = total + g * g
        w = w - lr / (1 + t * decay) * g / (np.sqrt(total) + eps)
    return w


def rmsprop(w: Array, gs: list[Array], lr: float, alpha: float, eps: float, mu: float) -> Array:
    mean, buffer = np.zeros_like(w), np.zeros_like(w)
    for g in gs:
        mean = alpha * mean + (1 - alpha) * g * g
        buffer = mu * buffer + g / (np.sqrt(mean) + eps)
        w = w - lr * buffer
    return w


def adam(
    w: Array, gs: list[Array], lr: float, b1: float, b2: float, eps: float, wd: float, apart: bool
) -> Array:
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gs, 1):
        if apart:
            w = w - lr * wd * w
        else:
            g = g + wd * w
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        w = w - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return w


def lion(w: Array, gs: list[Array], lr: float, b1: float, b2: float, wd: float) -> Array:
    m = np.zeros_like(w)
    for g in gs:
        w = w * (1 - lr * wd) - lr * np.sign(b1 * m + (1 - b1) * g)
        m = b2 * m + (1 - b2) * g
    return w


# the defaults of PyTorch 2, and settings that use every argument
CASES: dict[str, tuple[Reference, tuple[Any, ...]]] = {
    "sgd(learning_rate = 0.1)": (sgd, (0.1, 0, False, 0)),
    "sgd(learning_rate = 0.1, momentum = 0.9)": (sgd, (0.1, 0.9, False, 0)),
    "sgd(learning_rate = 0.1, momentum = 0.9, nesterov = true, weight_decay = 0.1)": (
        sgd,
        (0.1, 0.9, True, 0.1),
    ),
    "adagrad": (adagrad, (0.01, 0, 1e-10, 0)),
    "adagrad(0.1, learning_rate_decay = 0.5, epsilon = 0.01, weight_decay = 0.1)": (
        adagrad,
        (0.1, 0.5, 0.01, 0.1),
    ),
    "rmsprop": (rmsprop, (0.01, 0.99, 1e-8, 0)),
    "rmsprop(0.1, alpha = 0.5, epsilon = 0.01, momentum = 0.9)": (rmsprop, (0.1, 0.5, 0.01, 0.9)),
    "adam": (adam, (0.001, 0.9, 0.999, 1e-8, 0, False)),
    "adam(0.1, beta1 = 0.5, beta2 = 0.7, epsilon = 0.01, weight_decay = 0.1)": (
        adam,
        (0.1, 0.5, 0.7, 0.01, 0.1, False),
    ),
    "adamw": (adam, (0.001, 0.9, 0.999, 1e-8, 0.01, True)),
    "adamw(0.1, weight_decay = 0.3)": (adam, (0.1, 0.9, 0.999, 1e-8, 0.3, True)),
    "lion": (lion, (0.0001, 0.9, 0.99, 0)),
    "lion(0.1, beta1 = 0.5, beta2 = 0.7, weight_decay = 0.1)": (lion, (0.1, 0.5, 0.7, 0.1)),
}


@pytest.mark.parametrize("optimizer", CASES)
def test_the_formula_of_a_shipped_optimizer(optimizer: str) -> None:
    reference, arguments = CASES[optimizer]
    start, gradients, end = steps(trainer(optimizer))
    np.testing.assert_allclose(end, reference(start, gradients, *arguments), rtol=1e-12)


def test_every_optimizer_has_a_case() -> None:
    assert {case.split("(")[0] for case in CASES} | {"momentum"} == set(prelude().updates)


@pytest.mark.parametrize("name", sorted(prelude().updates))
def test_an_optimizer_written_by_the_user_gives_the_same_bits(name: str) -> None:
    shipped = (PRELUDE / "optimizers.nn").read_text().split("\nupdate ")
    own = next(f"update {part}" for part in shipped if part.startswith(f"{name}("))
    own = own[: own.index("\n}\n") + 3].replace(f"update {name}(", "update mine(", 1)
    for dtype in ("float32", "float64"):
        theirs = steps(trainer(name, dtype=dtype))[2]
        np.testing.assert_array_equal(steps(trainer("mine", own, dtype))[2], theirs)


def test_states_that_change_places() -> None:
    """Each next value reads what the other was before the step."""
    rule = (
        "update swap(learning_rate = 0.1) {\n    state a = 1\n    state b = 2\n"
        "    a' = b + gradient\n    b' = a\n"
        "    parameter' = parameter - learning_rate * (a + b')\n}\n"
    )
    start, gradients, end = steps(trainer("swap", rule))
    a, b, w = np.ones_like(start), 2 * np.ones_like(start), start
    for g in gradients:
        a, b, w = b + g, a, w - 0.1 * (a + a)
    np.testing.assert_allclose(end, w, rtol=1e-12)
    text = f"{rule}{MODEL}optimizer swap\n"
    assert verify(graphc.compile_text(text).source).holds
    plain = graphc.compile_text(text, plain=True).load().Trainer(seed=2)
    np.testing.assert_allclose(steps(plain)[2], end, rtol=1e-12)


def test_a_state_that_its_own_rule_would_spoil() -> None:
    rule = "v' = where(greater(gradient, 0), v, gradient)\nparameter' = parameter - 0.1 * v'"
    one = trainer("odd()", f"update odd(rate = 1) {{\nstate v = 0.5\n{rule}\n}}\n")
    start = one.theta.copy()
    one.apply(np.resize([1.0, -2.0], start.size))
    one.apply(np.resize([1.0, 3.0], start.size))
    np.testing.assert_allclose(one.theta, start - np.resize([0.1, -0.4], start.size))


def test_weight_decay_that_spares_biases() -> None:
    one = trainer("sgd(learning_rate = 0.1, weight_decay = 0.5 * matrices)")
    for value in one.params.values():
        value[...] = 1
    one.apply(np.zeros(one.theta.size))
    np.testing.assert_allclose(one.params["p.W"], 0.95)
    np.testing.assert_allclose(one.params["p.b"], 1)


def test_a_frozen_parameter_stays_under_every_optimizer() -> None:
    text = f"{DATA}param W : [3, 2] = xavier_normal\nparam b : [2] = ones frozen\n"
    text += "p = x @ W + b\noutput p\nloss mse(p, y)\noptimizer {}(weight_decay = 0.1 * matrices)\n"
    for name in ("sgd", "adamw"):
        one = graphc.compile_text(text.format(name)).load().Trainer()
        before = one.params["W"].copy()
        one.step(np.ones((4, 3)), np.zeros((4, 2)))
        assert (one.params["b"] == 1).all()
        assert (one.params["W"] != before).all()


def test_clipping() -> None:
    one = trainer("sgd(learning_rate = 1, clip_norm = 2)")
    start, gradient = one.theta.copy(), np.full(one.theta.size, 3.0)
    one.apply(gradient)
    norm = math.sqrt(9 * start.size)
    np.testing.assert_allclose(one.theta, start - gradient * 2 / (norm + 1e-6), rtol=1e-12)
    one.apply(small := np.full(start.size, 0.1))
    np.testing.assert_allclose(one.theta, start - gradient * 2 / (norm + 1e-6) - small, rtol=1e-12)
    one = trainer("sgd(learning_rate = 1, clip_value = 0.5)")
    one.apply(gradient := np.linspace(-2, 2, start.size))
    np.testing.assert_allclose(one.theta, start - np.clip(gradient, -0.5, 0.5), rtol=1e-12)


def test_a_block_of_the_user_on_the_gradient() -> None:
    block = "block centred(gradient, amount) { return gradient - amount * mean(gradient) }\n"
    one = trainer("sgd(learning_rate = 1, centred = 1)", block)
    start, gradient = one.theta.copy(), np.arange(one.theta.size, dtype=float)
    one.apply(gradient)
    np.testing.assert_allclose(one.theta, start - (gradient - gradient.mean()), rtol=1e-12)


SCHEDULES: dict[str, Callable[[int, int], float]] = {
    "cosine_decay(0.4, steps = 4)": lambda step, epoch: (
        0.2 * (1 + math.cos(math.pi * min(step / 4, 1)))
    ),
    "cosine_decay(0.4, steps = 4, least = 0.1)": lambda step, epoch: (
        0.1 + 0.15 * (1 + math.cos(math.pi * min(step / 4, 1)))
    ),
    "step_decay(0.4, every = 2, factor = 0.5)": lambda step, epoch: 0.4 * 0.5 ** (epoch // 2),
    "exponential_decay(0.4, 0.9)": lambda step, epoch: 0.4 * 0.9**epoch,
    "warmup(0.4, steps = 3)": lambda step, epoch: 0.4 * min(step / 3, 1),
    "warmup(exponential_decay(0.4, 0.5), steps = 3)": lambda step, epoch: (
        0.4 * 0.5**epoch * min(step / 3, 1)
    ),
    "0.1 / (1 + 0.01 * step)": lambda step, epoch: 0.1 / (1 + 0.01 * step),
    "0.1 * minimum((step - 1) / 4, 1)": lambda step, epoch: 0.1 * min((step - 1) / 4, 1),
}


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule(schedule: str) -> None:
    one = trainer(f"sgd(learning_rate = {schedule})")
    for step in range(1, 9):
        one.epoch = (step - 1) // 2
        before = one.theta.copy()
        one.apply(np.full(before.size, -1.0))
        np.testing.assert_allclose(one.theta - before, SCHEDULES[schedule](step, one.epoch))


def test_the_arguments_of_an_own_schedule_may_be_any_numbers() -> None:
    own = "block warmup(rate, steps) {\n    return rate * (0.5 - steps / step)\n}\n"
    one = trainer("sgd(learning_rate = warmup(0.2, steps = -1))", own)
    before = one.theta.copy()
    one.apply(np.full(before.size, -1.0))
    np.testing.assert_allclose(one.theta - before, 0.3)

"""Where frameworks differ, and where a naive formula would overflow: what holds here."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from systems import module

import graphc

FAR = [0.0, 1.0, 30.0, 88.0, 100.0, 709.0, 1e4, 1e30]
ENDS = np.array([*[-one for one in FAR[::-1]], *FAR])


def slope(expression: str, **values: Any) -> Any:
    """The gradient of an expression by the first of its values; the others are given."""
    (name, first), *others = values.items()
    lines = [f"param {name} : {list(np.shape(first))} = zeros"]
    lines += [f"input {other} : {list(np.shape(value))}" for other, value in others]
    text = "\n".join([*lines, f"loss {expression}"])
    fused, plain = (module(text, plain).Trainer() for plain in (False, True))
    for trainer in (fused, plain):
        trainer.params[name][...] = first
    gradient = fused.gradients(**dict(others))[name]
    assert_array_equal(plain.gradients(**dict(others))[name], gradient)
    return gradient


@pytest.mark.parametrize(
    ("expression", "x", "expected"),
    [
        ("sum(relu(x))", [-1, 0, 2], [0, 0, 1]),
        ("sum(abs(x))", [-1, 0, 2], [-1, 0, 1]),
        ("sum(maximum(x, 0))", [-1, 0, 2], [0, 0.5, 1]),
        ("sum(minimum(x, 0))", [-1, 0, 2], [1, 0.5, 0]),
        ("sum(maximum(x, x))", [-1, 0, 2], [1, 1, 1]),
        ("sum(relu(relu(x)))", [-1, 0, 2], [0, 0, 1]),
        ("sum(abs(relu(x)))", [-1, 0, 2], [0, 0, 1]),
        ("sum(relu(x)) + sum(relu(x + 1)) - sum(relu(x - 1))", [-1, 0, 2], [0, 1, 1]),
        ("sum(relu(x)) + sum(relu(x * 3)) / 3", [-1, 0, 2], [0, 0, 2]),
        ("-sum(relu(x))", [-1, 0, 2], [0, 0, -1]),
        ("sum(x ** 2)", [-1, 0, 2], [-2, 0, 4]),
        ("sum(x ** 3)", [-1, 0, 2], [3, 0, 12]),
        ("sum(x ** 1)", [-1, 0, 2], [1, 1, 1]),
        ("sum(x ** 0)  + sum(x)", [-1, 0, 2], [1, 1, 1]),
        ("sum(2 ** x)", [-1, 0, 2], np.log(2) * np.array([0.5, 1, 4])),
    ],
)
def test_slopes_at_kinks(expression: str, x: Any, expected: Any) -> None:
    assert_array_equal(slope(expression, x=np.array(x, float)), expected)


@pytest.mark.parametrize(
    ("expression", "x", "expected"),
    [
        ("sum(leaky_relu(x))", [-1, 0, 2], [0.01, 0.01, 1]),
        ("sum(leaky_relu(x, 3))", [-1, 0, 2], [3, 3, 1]),
        ("sum(elu(x))", [0, 2], [1, 1]),
        ("sum(elu(x, 0.5))", [0, 2], [0.5, 1]),
        ("sum(clip(x, -1, 2))", [-2, -1, 0, 2, 3], [0, 1, 1, 1, 0]),
        ("sum(floor(x) * x)", [-1.5, 0, 2.5], [-2, 0, 2]),
        ("sum(greater(x, 0) * x)", [-1, 0, 2], [0, 0, 1]),
        ("sum(less(x, 0) * x)", [-1, 0, 2], [1, 0, 0]),
        ("sum(equal(x, 0) + x)", [-1, 0, 2], [1, 1, 1]),
        ("sum(where(x, x * x, 3 * x))", [-1, 0, 2], [-2, 3, 4]),
        ("sum(where(x, 2 * x, 3 * x))", [-1, 0, 2], [2, 3, 2]),
        ("sum(stop_gradient(x) * x)", [-1, 0, 2], [-1, 0, 2]),
        ("sum(x * stop_gradient(x * x) + stop_gradient(3 * x))", [-1, 0, 2], [1, 0, 4]),
        ("norm(x)", [0, 0, 0], [0, 0, 0]),
        ("norm(x)", [0, 3, -4], [0, 0.6, -0.8]),
        ("sum(norm(reshape(x, [2, 2]), axis = 1))", [0, 0, 3, 4], [0, 0, 0.6, 0.8]),
        ("sum(norm(reshape(x, [2, 2, 1]), axis = [0, 2]))", [0, 3, 0, 4], [0, 0.6, 0, 0.8]),
        ("max(x)", [1, 3, 3], [0, 0.5, 0.5]),
        ("min(x)", [1, 1, 1, 3], [1 / 3, 1 / 3, 1 / 3, 0]),
        ("sum(max(reshape(x, [2, 2]), axis = 1))", [1, 1, 2, 3], [0.5, 0.5, 0, 1]),
        ("sum(min(reshape(x, [2, 2]), axis = 0))", [1, 1, 1, 3], [0.5, 1, 0.5, 0]),
        ("sum(min(reshape(x, [2, 2]), axis = 1))", [1, 1, 3, 2], [0.5, 0.5, 0, 1]),
        ("sum(max(reshape(x, [2, 1, 2]), axis = [0, 2]))", [3, 1, 3, 2], [0.5, 0, 0.5, 0]),
        ("sum(min(reshape(x, [2, 1, 2]), axis = [0, 2]))", [1, 3, 1, 2], [0.5, 0, 0.5, 0]),
        ("sum(max_pool2d(reshape(x, [1, 1, 2, 2]), 2))", [3, 1, 3, 2], [0.5, 0, 0.5, 0]),
        ("max(x, axis = 0) * min(x, axis = [0])", [2, 3, 2], [1.5, 2, 1.5]),
    ],
)
def test_slopes_of_steps_bounds_and_ties(expression: str, x: Any, expected: Any) -> None:
    assert_allclose(slope(expression, x=np.array(x, float)), expected, rtol=1e-15)


def test_a_power_of_zero_or_less_has_no_slope_by_its_exponent() -> None:
    a, x = np.array([0.0, 0, 3, -2]), np.array([0.0, 2, 1, 2])
    assert_allclose(slope("sum(a ** x)", x=x, a=a), [0, 0, 3 * np.log(3), 0], rtol=1e-15)


def test_ties_are_shared() -> None:
    a = np.array([1.0, 2.0, 3.0])
    for name in ("maximum", "minimum"):
        assert_array_equal(slope(f"sum({name}(a, b))", a=a, b=a), 0.5)
        assert_array_equal(slope(f"sum({name}(b, a))", a=a, b=a), 0.5)


def test_losses_are_means_or_sums_over_every_element() -> None:
    random = np.random.default_rng(0)
    p, y = random.normal(size=(2, 3, 4))
    for name, factor in (("mse", 2 / 12), ("sse", 2), ("half_sse", 1)):
        assert_allclose(slope(f"{name}(p, y)", p=p, y=y), factor * (p - y), rtol=1e-14)


def test_cross_entropy_is_the_mean_over_rows() -> None:
    random = np.random.default_rng(0)
    z, labels = random.normal(size=(5, 3)), random.integers(0, 3, 5)
    whole = "param z : [5, 3] = zeros\ninput t : int[5]\nloss cross_entropy(z, t)"
    trainer = module(whole, False).Trainer()
    trainer.params["z"][...] = z
    logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss, gradient = trainer.loss_and_gradient(labels)
    assert_allclose(loss, -logs[np.arange(5), labels].mean(), rtol=1e-14)
    expected = (np.exp(logs) - np.eye(3)[labels]) / 5
    assert_allclose(gradient.reshape(5, 3), expected, rtol=1e-12, atol=1e-16)
    weights = random.dirichlet(np.ones(3), 5)
    soft = slope("cross_entropy(z, t)", z=z, t=weights)
    assert_allclose(soft, (np.exp(logs) - weights) / 5, rtol=1e-12, atol=1e-16)


def test_binary_cross_entropy_is_that_of_pytorch() -> None:
    p = np.array([0.0, 1e-50, 0.2, 0.5, 0.9, 1.0, 0.0, 1.0])
    y = np.array([0.0, 1.0, 0.0, 1.0, 0.3, 1.0, 1.0, 0.0])
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log(p), -100), np.maximum(np.log(1 - p), -100)
    whole = "param p : [8] = zeros\ninput y : [8]\nloss binary_cross_entropy(p, y)"
    trainer = module(whole, False).Trainer()
    trainer.params["p"][...] = p
    loss, gradient = trainer.loss_and_gradient(y)
    assert_allclose(loss, -(y * logs[0] + (1 - y) * logs[1]).mean(), rtol=1e-13)
    assert_allclose(gradient, (p - y) / np.maximum(p * (1 - p), 1e-12) / 8, rtol=1e-13)


def test_a_sure_answer_has_a_finite_slope_by_what_is_right() -> None:
    p, y = np.array([0.0, 1.0, 0.5]), np.array([0.0, 1.0, 0.3])
    found = slope("sum(log_loss(p, y))", y=y, p=p)
    assert_allclose(found, [100, -100, 0], rtol=1e-13, atol=1e-13)


def test_rows_against_columns_in_a_loss_are_an_error() -> None:
    for loss in ("mse", "sse", "half_sse", "bce_with_logits", "binary_cross_entropy"):
        text = f"input x : [batch, 1]\ntarget y : [batch]\nparam w : [] = 1\nloss {loss}(x * w, y)"
        with pytest.raises(graphc.CompileError) as caught:
            graphc.compile_text(text)
        assert [one.code for one in caught.value.diagnostics] == ["E0301"]


STABLE = {
    "sigmoid(x)": lambda x: 1 / (1 + np.exp(-x)),
    "tanh(x)": np.tanh,
    "relu(x)": lambda x: np.maximum(x, 0),
    "softmax(x)": lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(),
    "log_softmax(x)": lambda x: x - x.max() - np.log(np.exp(x - x.max()).sum()),
    "bce_with_logits(x, 0.25 + 0 * x)": lambda x: (
        np.maximum(x, 0) - 0.25 * x + np.log1p(np.exp(-abs(x)))
    ).mean(),
    "cross_entropy(x, softmax(0 * x))": lambda x: (
        -(x - x.max() - np.log(np.exp(x - x.max()).sum())).mean()
    ),
    "binary_cross_entropy(sigmoid(x), sigmoid(0 * x))": None,
    "softplus(x)": lambda x: np.logaddexp(x, 0),
    "silu(x)": lambda x: x / (1 + np.exp(-x)),
    "elu(x)": lambda x: np.where(x > 0, x, np.expm1(x)),
    "elu(x, 0.5)": lambda x: np.where(x > 0, x, 0.5 * np.expm1(x)),
    "leaky_relu(x)": lambda x: np.where(x > 0, x, x * np.longdouble(0.01)),
    "clip(x, -2, 100)": lambda x: np.clip(x, -2, 100),
    "gelu(x)": None,
    "gelu(x, approximate = true)": None,
    "erf(x)": np.vectorize(lambda x: math.erf(float(x))),
    "logsumexp(x)": lambda x: x.max() + np.log(np.exp(x - x.max()).sum()),
    "sigmoid_cross_entropy(x, 0.25 + 0 * x)": lambda x: np.logaddexp(x, 0) - x / 4,
    "log_loss(sigmoid(x), 0.25 + 0 * x)": lambda x: np.logaddexp(x, 0) - x / 4,
    "softmax_cross_entropy(x, softmax(0 * x))": lambda x: x.max() - x.mean(),
    "softmax_cross_entropy(softmax(x), softmax(0 * x))": lambda x: x.max() - x.mean(),
    "log(softmax(x))": lambda x: x - x.max() - np.log(np.exp(x - x.max()).sum()),
    "log(sigmoid(x))": lambda x: -np.logaddexp(-x, 0),
    "log(1 - sigmoid(x))": lambda x: -np.logaddexp(x, 0),
    "log(1 + exp(x))": lambda x: np.logaddexp(x, 0),
    "log(sum(exp(x)))": lambda x: x.max() + np.log(np.exp(x - x.max()).sum()),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("expression", STABLE)
def test_stable_forms_are_finite_without_a_warning(expression: str, dtype: str) -> None:
    text = f"param x : [{len(ENDS)}] = zeros\ny = {expression}\noutput y\nloss 0.01 * sum(y)"
    exact = STABLE[expression]
    for plain in (False, True):
        trainer = graphc.compile_text(text, dtype=dtype, plain=plain).load().Trainer()
        trainer.theta[...] = ENDS
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            # beneath `errstate(all="ignore")`, with which every method begins
            y = type(trainer).predict.__wrapped__(trainer)
            loss, gradient = type(trainer).loss_and_gradient.__wrapped__(trainer)
        assert np.isfinite(y).all()
        assert np.isfinite(loss)
        assert np.isfinite(gradient).all()
        if exact is not None:
            with np.errstate(all="ignore"):
                expected = exact(trainer.theta.astype(np.longdouble))
            tiny = np.finfo(dtype).tiny
            assert_allclose(y, expected, rtol=40 * np.finfo(dtype).eps, atol=tiny)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_slope_of_sigmoid_keeps_its_digits(dtype: str) -> None:
    x = np.array([-80.0, -40, -17, -1, 0, 1, 17, 40, 80])
    text = "param x : [9] = zeros\nloss sum(sigmoid(x))\n"
    trainer = graphc.compile_text(text, dtype=dtype).load().Trainer()
    trainer.theta[...] = x
    e = np.exp(-abs(x.astype(np.longdouble)))
    expected = e / (1 + e) ** 2
    assert_allclose(trainer.gradients()["x"], expected, rtol=40 * np.finfo(dtype).eps)


def test_nothing_turns_nan_into_a_number() -> None:
    for expression in ("relu(x)", "maximum(x, 0)", "sigmoid(x)", "abs(x)", "softmax(x)"):
        trainer = module(f"param x : [3] = zeros\nloss sum({expression})", False).Trainer()
        trainer.theta[...] = [1, np.nan, 2]
        assert np.isnan(trainer.loss())

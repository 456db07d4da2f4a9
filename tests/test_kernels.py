"""Values and slopes of operations against references that share nothing with them."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import graphc
from graphc.verify import verify

X = np.array([-30.0, -5.0, -1.0, -0.1, 0.0, 0.2, 1.0, 4.0, 40.0])


def of(expression: str, dtype: Any, x: Any, plain: bool = False) -> Any:
    """A trainer of `y = expression`, whose loss is sum(y) and a parameter's value, at x."""
    text = f"param x : {list(np.shape(x))} = zeros\ny = {expression}\noutput y\n"
    text += "param w = 1\nloss sum(y) + w"
    trainer = graphc.compile_text(text, dtype=dtype, plain=plain).load().Trainer()
    trainer.params["x"][...] = x
    return trainer


def test_erf_is_that_of_the_standard_library() -> None:
    erf = graphc.compile_text("param x : [2] = 1\nloss sum(erf(x))").load().erf
    x = np.concatenate([np.linspace(-7, 7, 20001), np.logspace(-300, 1, 4001), [-1e30, 1e30]])
    for dtype, largest in ((np.float64, 2e-15), (np.float32, 5e-7)):
        given = x.astype(dtype)
        given = given[(given == 0) | (abs(given) >= np.finfo(dtype).tiny)]
        exact = np.array([math.erf(one) for one in given.tolist()])
        result = np.empty_like(given)
        erf(given, out=result)
        assert_allclose(result, exact, rtol=largest)
        assert_array_equal(result[abs(given) > 6], np.sign(given[abs(given) > 6]))
        erf(given, out=given)
        assert_array_equal(given, result)
        for shape in ((), (0,), (2, 0, 3), (2, 1, 3)):
            result = np.empty(shape, dtype)
            erf(np.full(shape, 0.5, dtype), out=result)
            assert_allclose(result, math.erf(0.5), rtol=largest)
        nan = np.full(1, np.nan, dtype)
        erf(nan, out=nan)
        assert np.isnan(nan).all()


def test_a_module_has_the_helpers_that_it_calls() -> None:
    text = "param x : [2] = 1\nloss sum(erf(x) + where(x, x, 1))"
    assert "def erf(" in graphc.compile_text(text).source
    assert "def pick(" in graphc.compile_text(text).source
    assert "def " not in graphc.compile_text(text, plain=True).source.split("class Buffers")[0]
    assert "def erf(" not in graphc.compile_text("param x : [2] = 1\nloss sum(sin(x))").source


def test_what_helpers_call_their_variables_is_free() -> None:
    text = "param out : [2] = 1\nparam below = 2\nc = erf(out) * below\noutput c\nloss sum(c)"
    source = graphc.compile_text(text).source
    assert "erf(out, out=" in source
    const = (
        "const ERF = [1, 2]\nparam pick : [2] = 1\nloss sum(erf(pick * ERF) * where(pick, 1, 2))"
    )
    source = graphc.compile_text(const).source
    assert "ERF_ = " in source
    assert verify(source).holds


def normal(x: Any) -> Any:
    """The probability that a normal number is below x."""
    return np.array([math.erfc(-one / math.sqrt(2)) / 2 for one in x])


SLOPES = {
    "softplus(x)": lambda x: 1 / (1 + np.exp(-x)),
    "silu(x)": lambda x: (1 + np.exp(-x) * (1 + x)) / (1 + np.exp(-x)) ** 2,
    "elu(x)": lambda x: np.where(x > 0, 1, np.exp(x)),
    "elu(x, 2)": lambda x: np.where(x > 0, 1, 2 * np.exp(x)),
    "sin(x)": np.cos,
    "cos(x)": lambda x: -np.sin(x),
    "logsumexp(x)": lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(),
    "log(1 + exp(x))": lambda x: 1 / (1 + np.exp(-x)),
    "log(sigmoid(x))": lambda x: 1 / (1 + np.exp(x)),
    "sigmoid_cross_entropy(x, 0 * x)": lambda x: 1 / (1 + np.exp(-x)),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("expression", SLOPES)
def test_slopes_keep_their_digits(expression: str, dtype: Any) -> None:
    expected = SLOPES[expression](X.astype(dtype).astype(np.longdouble))
    eps = np.finfo(dtype).eps
    assert_allclose(of(expression, dtype, X).gradients()["x"], expected, rtol=40 * eps, atol=1e-38)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gelu(dtype: Any) -> None:
    exact, by_tanh = of("gelu(x)", dtype, X), of("gelu(x, approximate = true)", dtype, X)
    eps = np.finfo(dtype).eps
    near = {"rtol": 1e3 * eps, "atol": 60 * eps}
    density = np.exp(-X * X / 2) / math.sqrt(2 * math.pi)
    assert_allclose(exact.predict(), X * normal(X), **near)
    assert_allclose(exact.gradients()["x"], normal(X) + X * density, **near)
    # PyTorch's gelu(1) in both forms
    assert_allclose(exact.predict()[6], 0.8413447460685429, rtol=near["rtol"])
    assert_allclose(by_tanh.predict()[6], 0.8411919906082768, rtol=near["rtol"])
    inner = math.sqrt(2 / math.pi) * (X + 0.044715 * X**3)
    t, steep = np.tanh(inner), math.sqrt(2 / math.pi) * (1 + 0.134145 * X**2)
    assert_allclose(by_tanh.gradients()["x"], (1 + t) / 2 + X * (1 - t * t) * steep / 2, **near)


def test_normalise_row_by_row() -> None:
    rows = np.random.default_rng(0).normal(2, 3, (4, 5))
    trainer = of("normalise(x)", "float64", rows)
    for row, normalised in zip(rows, trainer.predict(), strict=True):
        mean = sum(row) / 5
        deviation = math.sqrt(sum((one - mean) ** 2 for one in row) / 5 + 1e-5)
        assert_allclose(normalised, [(one - mean) / deviation for one in row], rtol=1e-13)
    whole = of("normalise(x, axis = [0, 1], epsilon = 0)", "float64", rows).predict()
    assert_allclose(whole, (rows - rows.mean()) / rows.std(), rtol=1e-13)
    level = of("normalise(x)", "float64", np.full((2, 3), 7.0))
    assert_array_equal(level.predict(), 0)
    assert_allclose(level.gradients()["x"], 0, atol=1e-12)


def test_numbers_that_are_spelt_alike() -> None:
    x = np.array([1.0, 3.0])
    for dtype in ("float32", "float64"):
        found = of("x * 1e18 * 1e-18 + x * -2 + 2 * x + x * 1.5 - 15 * x", dtype, x).predict()
        assert_allclose(found, -12.5 * x, rtol=1e-6)


def test_conditions_are_one_or_nought() -> None:
    x = np.array([-1.0, 0.0, 0.5, np.nan])
    for name, expected in (
        ("greater", [0, 0, 1, 0]),
        ("less", [1, 0, 0, 0]),
        ("equal", [0, 1, 0, 0]),
    ):
        for plain in (False, True):
            found = of(f"{name}(x, 0) + {name}(x, 0) + 0 * x", "float32", x[:3], plain).predict()
            assert_array_equal(found, 2 * np.array(expected[:3]))
            assert_array_equal(of(f"{name}(x, 0)", "float32", x, plain).predict(), expected)


NUMBERS = [
    "where(x, 1, 0.5)", "where(x, x, 1)", "greater(x, 0.3) * 0.1", "erf(x) * 0.1", "gelu(x)",
    "silu(x)", "clip(x, -0.1, 0.1)", "normalise(x)", "where(1, x, 2)", "max(x) + min(x) + norm(x)",
    "leaky_relu(x, 0.1)", "elu(x, 0.1)", "floor(x) + 0.1", "equal(max(x), 3) * x + equal(1, 1)",
    "x * where(max(x), 0.1, 0.2)", "x * stop_gradient(x) * 0.1", "x + erf(0.5) + where(1, 2, 3)",
]  # fmt: skip


@pytest.mark.parametrize("expression", NUMBERS)
def test_float32_stays_float32(expression: str) -> None:
    text = f"param x : [3] = [1, 2, 3]\ny = {expression}\noutput y\nloss sum(y) + sum(x)"
    for plain in (False, True):
        compiled = graphc.compile_text(text, plain=plain)
        trainer = compiled.load().Trainer()
        assert trainer.predict().dtype == np.float32
        assert trainer.gradients()["x"].dtype == np.float32
        assert verify(compiled.source).holds
        space = vars(compiled.load())
        buffers = space["Buffers"](*())
        parameters, gradients = (space["Parameters"](np.ones(3, np.float32)) for _ in range(2))
        for name in ("forward", "loss", "backward"):
            given = [parameters, *([gradients] if name == "backward" else []), buffers]
            space[name](*given)
        kept = [one for one in vars(buffers).values() if hasattr(one, "dtype")]
        assert {one.dtype.name for one in kept} <= {"float32", "bool"}


def test_stop_gradient_is_held_still_by_verify() -> None:
    lines = "param x : [3] = [1, 2, 3]\nparam w = 2\nt = stop_gradient(w * x)\noutput t\n"
    source = graphc.compile_text(
        f"{lines}loss mse(w * x + 1, t) + t_ * w\nt_ = stop_gradient(w)"
    ).source
    assert verify(source).holds
    wrong = source.replace("stop_gradient(", "np.asarray(").replace("def np.asarray(", "def held(")
    assert not verify(wrong).holds


def test_error_is_a_subtraction() -> None:
    text = "param p : [3] = 1\nparam y : [3] = 2\ne = {}\noutput e\nloss mean(square(e))"
    by_name, by_sign = (
        re.sub(
            r"\nFORWARD = .*", "", graphc.compile_text(text.format(e)).source.split("DTYPE", 1)[1]
        )
        for e in ("error(p, y)", "p - y")
    )
    assert by_name.replace("error(p, y)", "p - y") == by_sign

"""The stage `stable`: what loses precision is computed in another form, and the text says so."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from oracle import ORACLE
from systems import module

import graphc
from graphc.book import book
from graphc.verify import verify

FORMS = [form for op in book().values() for form in op.stable]
VALUES = {
    "x": np.array([[-1.5, 0.3, 0.8], [0.1, 2.0, -0.7]]),
    "z": np.array([[-1.5, 0.3, 0.8], [0.1, 2.0, -0.7]]),
    "y": np.array([[0.2, 0.5, 0.3], [0.1, 0.7, 0.2]]),
}


def spelt(text: str) -> str:
    """A side of a form with values for its attributes."""
    return re.sub(r"\baxis\b", "1", re.sub(r"\bkeepdims\b", "true", text))


def model(expression: str) -> str:
    names = [name for name in VALUES if re.search(rf"\b{name}\b", expression)]
    lines = [f"param {name} : [2, 3] = zeros" for name in names]
    return "\n".join([*lines, f"q = {expression}", "output q", "loss sum(q)"])


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_replaced_and_the_text_says_so(form: str) -> None:
    left, right = map(spelt, form.split(" = "))
    values = {name: value / 4 if "x" in left else value for name, value in VALUES.items()}
    by_left, by_right = (module(model(side), False) for side in (left, right))
    source = graphc.compile_text(model(left), dtype="float64").source
    assert verify(source).holds
    body = source.split("def forward")[1]
    shown = body.split("# model.nn:")[1].split("\n")[1].strip().removeprefix("# ")
    letters = dict(
        zip(re.findall(r"\b[xyz]\b", form), re.findall(r"\b[uvw]\b", shown), strict=True)
    )
    assert re.sub(r"\b[xyz]\b", lambda match: letters[match[0]], form) == shown
    found = []
    for one in (by_left, by_right):
        trainer = one.Trainer()
        for name in trainer.params:
            trainer.params[name][...] = values[name]
        found.append((trainer.predict(), trainer.gradients()))
    assert_allclose(found[0][0], found[1][0], rtol=1e-15)
    for name, gradient in found[0][1].items():
        assert_allclose(gradient, found[1][1][name], rtol=1e-15)
    if "(softmax(z), y)" not in left:  # a softmax of a softmax, which nobody means
        assert_allclose(found[0][0], eval(left, {**ORACLE, **values}), rtol=1e-14)


def compiled(*lines: str) -> graphc.Compiled:
    return graphc.compile_text("\n".join(lines), dtype="float64")


DATA = ("input x : [batch, 2]", "target y : int[batch]", "param W : [2, 3] = normal(1)")


def test_only_the_reader_changes() -> None:
    model = compiled(*DATA, "z = x @ W", "p = softmax(z)", "output p", "loss cross_entropy(p, y)")
    other = compiled(*DATA, "z = x @ W", "p = softmax(z)", "output p", "loss cross_entropy(z, y)")
    assert [one.code for one in model.warnings] == ["W0804"]
    assert not other.warnings
    assert "# softmax_cross_entropy(softmax(u), v) = softmax_cross_entropy(u, v)\n" in model.source
    x, y = np.random.default_rng(0).normal(size=(5, 2)), np.arange(5) % 3
    first, second = (one.load().Trainer(seed=1) for one in (model, other))
    assert first.step(x, y) == second.step(x, y)
    np.testing.assert_array_equal(first.predict(x), second.predict(x))
    assert_allclose(first.predict(x).sum(axis=1), 1, rtol=1e-14)


def test_what_is_left_alone_has_a_name() -> None:
    model = compiled(*DATA, "loss mean(softmax_cross_entropy(softmax(x @ W), y))")
    assert "softmax(v)" not in model.source
    assert model.source.count("exp(") == 2, "its statement and its meaning"


def test_a_form_along_another_axis_is_another_form() -> None:
    model = compiled(*DATA, "loss cross_entropy(softmax(x @ W, axis = 0), y)")
    assert "= cross_entropy(u" not in model.source
    assert [one.code for one in model.warnings] == ["W0804"]
    model = compiled(*DATA, "loss mean(log(softmax(x @ W, axis = 0)))")
    assert "log(softmax(u, axis)) = log_softmax(u, axis)" in model.source
    assert "axis=0" in model.source


def test_two_forms_in_a_row() -> None:
    model = compiled(
        "param x : [3] = 1", "p = sigmoid(x)", "loss sum(y * log(p) + log(1 - p))", "y = 2"
    )
    assert "log(sigmoid(u)) = -softplus(-u)" in model.source
    assert "log(1 - sigmoid(u)) = -softplus(u)" in model.source
    assert verify(model.source).holds


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_small_numbers_keep_their_digits(dtype: Any) -> None:
    small = np.array([1e-30, -1e-20, 1e-10, -1e-5, 0.5], np.longdouble)
    text = "param x : [5] = 1\na = log(1 + x)\nb = exp(x) - 1\nc = log(1 - x)\noutput a, b, c\n"
    trainer = (
        graphc.compile_text(f"{text}loss sum(a) + sum(b) + sum(c)", dtype=dtype).load().Trainer()
    )
    trainer.params["x"][...] = small
    found, x = trainer.predict(), trainer.params["x"].astype(np.longdouble)
    eps = 8 * np.finfo(dtype).eps
    assert_allclose(found["a"], np.log1p(x), rtol=eps)
    assert_allclose(found["b"], np.expm1(x), rtol=eps)
    assert_allclose(found["c"], np.log1p(-x), rtol=eps)

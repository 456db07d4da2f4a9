"""Random models of every operation: value and gradient against an oracle, all styles alike."""

from __future__ import annotations

import sys
from typing import Any
from unittest import mock

import numpy as np
from differences import Kink, assert_agrees, jacobian
from hypothesis import assume, given
from numpy.testing import assert_allclose
from oracle import Model
from random_models import models

import graphc
from graphc import rewrite
from graphc.rewrites import absorb, expand, views
from graphc.verify import verify


def trainer(model: Model, **settings: Any) -> Any:
    """A trainer that stands at the model's parameters."""
    made = graphc.compile_text(model.text, **{"dtype": "float64", **settings}).load().Trainer()
    made.theta[...] = model.theta()
    return made


def assert_close(ours: Any, other: Any, tolerance: float) -> None:
    """Asserts that arrays agree relative to the largest element."""
    assert_allclose(ours, other, rtol=0, atol=tolerance * max(1, np.abs(other).max(initial=0)))


@given(models())
def test_value_and_gradient_agree_with_an_oracle(model: Model) -> None:
    ours, theta, data = trainer(model), model.theta(), model.arguments()
    places = sys.modules[type(ours).__module__].PLACES
    expected = model.run(places, theta, data)
    loss, gradient = ours.loss_and_gradient(**data)
    assert_close(loss, expected["loss"], 1e-12)
    inputs = {name: value for name, value in data.items() if model.data[name][0] == "input"}
    if model.outputs:
        outputs = ours.predict(**inputs)
        for name in model.outputs:
            output = outputs if len(model.outputs) == 1 else outputs[name]
            assert output.shape == expected[name].shape
            assert_close(output, expected[name], 1e-12)
    try:
        numeric = jacobian(lambda at: model.run(places, at, data)["loss"], theta)
    except Kink:
        assume(False)
    assert_agrees(gradient, numeric)


@given(models())
def test_fused_equals_plain(model: Model) -> None:
    data = model.arguments()
    fused, plain = trainer(model), trainer(model, plain=True)
    for one, other in zip(
        fused.loss_and_gradient(**data), plain.loss_and_gradient(**data), strict=True
    ):
        assert_close(one, other, 1e-12)
    for _ in range(2):
        assert_close(fused.step(**data), plain.step(**data), 1e-12)
    assert_close(fused.theta, plain.theta, 1e-12)


@given(models())
def test_float32_is_close_to_float64(model: Model) -> None:
    data = model.arguments()
    single, double = (trainer(model, dtype=dtype) for dtype in ("float32", "float64"))
    (loss, gradient), expected = single.loss_and_gradient(**data), double.loss_and_gradient(**data)
    assert gradient.dtype == np.float32
    assert_close(loss, expected[0], 1e-4)
    assert_close(gradient, expected[1], 2e-3)


@given(models())
def test_rewriting_changes_no_value(model: Model) -> None:
    data, rewritten = model.arguments(), trainer(model)
    rules = mock.patch.object(rewrite, "RULES", (expand.rewrite, views.rewrite, absorb.rewrite))
    unshared = mock.patch.object(
        rewrite.Simplifier, "_once", lambda self, _, node: self.place(node)
    )
    with rules, unshared:
        literal = trainer(model)
    for one, other in zip(
        rewritten.loss_and_gradient(**data), literal.loss_and_gradient(**data), strict=True
    ):
        assert_close(one, other, 1e-11)


@given(models())
def test_comments_say_what_the_statements_do(model: Model) -> None:
    found = verify(graphc.compile_text(model.text, dtype="float64").source)
    assert not found.disagreements

"""Random models: value and gradient against an oracle that shares nothing with the compiler."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from differences import Kink, assert_agrees, jacobian
from hypothesis import assume, given
from random_models import Model, models

import graphc


def trainer(model: Model, theta: Any, **settings: Any) -> Any:
    """A trainer of the model that stands at theta."""
    made = graphc.compile_text(model.text, **settings).load().Trainer()
    made.theta[...] = theta
    return made


@given(models())
def test_gradient_agrees_with_differences_of_an_oracle(model: Model) -> None:
    theta, data = model.theta(), model.arguments()
    fused = trainer(model, theta, dtype="float64")
    places = vars(__import__("sys").modules[type(fused).__module__])["PLACES"]
    values = model.run(places, theta, data)
    loss, gradient = fused.loss_and_gradient(**data)
    np.testing.assert_allclose(loss, values["loss"], rtol=1e-11, atol=1e-12)
    try:
        numeric = jacobian(lambda at: model.run(places, at, data)["loss"], theta)
    except Kink:
        assume(False)
    assert_agrees(gradient, numeric)

"""What outputs and loss share, and random models: evaluation is as if nothing was dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import Model
from random_models import models
from systems import random_data
from test_modes import planned, runs
from test_plan import clashes
from test_random_graphs import assert_close, trainer

import graphc
from graphc.verify import verify

MIXED = [
    # the loss alone, an output alone, and both share what is dropped
    ("y = dropout(h)", "output h", "loss mean(square(y))"),
    ("y = dropout(h)", "output y", "loss mean(square(h))"),
    ("y = dropout(h)", "output h, y", "loss mean(square(y)) + mean(h)"),
    ("y = dropout(x)", "output y", "loss mean(square(y @ W))"),
    ("y = h + 1", "output y", "loss mean(square(dropout(dropout(y))))"),
    ("y = normalise_batch(h, g, b, m, v)", "output h", "loss mean(square(y - 1))"),
    ("y = normalise_batch(h, g, b, m, v)", "output y", "loss mean(square(h - 1))"),
    ("y = normalise_batch(h, g, b, m, v) * m", "output y, h", "loss mean(square(y - v)) + sum(m)"),
    ("y = normalise_batch(x, g, b, m, v)", "", "loss mean(square(dropout(y @ W) - 1))"),
    ("y = normalise_batch(h - m, g, b, m, v)", "output y", "loss mean(square(h - 1))"),
    ("y = dropout(h) @ [[1, 2], [3, 4], [5, 6]]", "output y", "loss cross_entropy(y, t)"),
]


def returned(one: Any, inputs: Any) -> list[Any]:
    """The outputs, in their order."""
    found = one.predict(**inputs)
    return list(found.values()) if isinstance(found, dict) else [found]


@pytest.mark.parametrize("lines", MIXED, ids=lambda lines: f"{lines[0]}; {lines[2]}")
def test_outputs_and_loss_share_what_they_can(lines: tuple[str, str, str]) -> None:
    head = "input x : [batch, 3]\ntarget t : int[batch]\nparam W : [3, 3] = he_normal\n"
    head += "param g : [3] = ones\nparam b : [3] = zeros\nparam m : [3] = uniform(1, 2) frozen\n"
    head += "param v : [3] = uniform(1, 2) frozen\nh = tanh(x @ W)\n"
    text = head + "\n".join(lines)
    for plain in (False, True):
        compiled = graphc.compile_text(text, plain=plain, dtype="float64")
        assert verify(compiled.source).holds
        one, data = compiled.load().Trainer(), random_data(compiled.model, 6)
        inputs = {"x": data["x"]}
        statistics = one.params["m"].copy()
        before = returned(one, inputs) if lines[1] else []
        one.fit(**data, epochs=2, batch_size=4)
        assert (one.params["m"] != statistics).any() == ("normalise" in text)
        assert one.loss(**data) == one.loss(**data)
        after = returned(one, inputs) if lines[1] else []
        learnt = "dropout(x)" not in lines[0]  # which is x itself
        assert all((a != b).any() == learnt for a, b in zip(after, before, strict=True))
    if "normalise" not in text and "dropout(" in lines[0]:
        without = text.replace("dropout(", "(")
        other = graphc.compile_text(without, plain=plain, dtype="float64").load().Trainer()
        other.theta[...] = one.theta
        assert other.loss(**data) == one.loss(**data)


@pytest.mark.parametrize("name", ["draw", "track", "evaluate", "evaluation_loss", "kind", "noise1"])
def test_data_may_be_called_like_the_functions(name: str) -> None:
    text = f"input {name} : [batch, 2]\nparam class : [2] = ones\nclass_ = dropout({name} * class)"
    text += "\noutput class_\nloss sum(class_)"
    compiled = graphc.compile_text(text)
    assert verify(compiled.source).holds
    one, data = compiled.load().Trainer(), {name: np.ones((4, 2))}
    one.step(**data)
    one.fit(**data, epochs=1)
    assert one.predict(**data).shape == (4, 2)
    assert one.loss(**data) == pytest.approx(one.predict(**data).sum())


@st.composite
def dropped(draw: Any) -> tuple[Model, str, bool]:
    """A random model, its text with dropouts, and whether it has any."""
    model = draw(models())
    places = [place for place in range(len(model.lines)) if draw(st.booleans())]
    other = replace(model, lines=list(model.lines))
    for place in places:
        name, text = model.lines[place]
        other.lines[place] = name, f"dropout({text}, 0.{draw(st.integers(1, 9))})"
    return model, other.text, bool(places)


@given(dropped())
def test_random_models_evaluate_as_if_nothing_was_dropped(case: tuple[Model, str, bool]) -> None:
    model, text, differs = case
    ours = trainer(model)
    data = model.arguments()
    inputs = {name: value for name, value in data.items() if model.data[name][0] == "input"}
    for plain in (False, True):
        compiled = graphc.compile_text(text, dtype="float64", plain=plain)
        assert ("def evaluate(" in compiled.source) == differs
        one = compiled.load().Trainer()
        one.theta[...] = ours.theta
        assert_close(one.loss(**data), ours.loss(**data), 1e-12)
        if model.outputs:
            pairs = zip(returned(one, inputs), returned(ours, inputs), strict=True)
            for found, expected in pairs:
                assert_close(found, expected, 1e-12)
        assert not verify(compiled.source).disagreements
    if differs:
        for run in runs(planned(text)):
            assert not clashes(*run)

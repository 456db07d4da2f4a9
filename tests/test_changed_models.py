"""Saved parameters, and a model that has changed since: what fits, what is told, the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphc.compiled import compile_text

TEXT = """
input x : [batch, 3]
target y : [batch, 1]
param W : [3, 4] = he_normal
param V : [4, 1] = he_normal
h = dropout(tanh(x @ W), 0.2)
p = h @ V
output p
loss mse(p, y)
optimizer adam(learning_rate = 0.01)
"""
RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(20, 3)), RANDOM.normal(size=(20, 1))
NEW = "saved with another optimizer; new_optimizer=True begins anew with this one"
CHANGED = "otherwise; changed_model=True takes its parameters as they are"


def module(*changes: tuple[str, str]) -> Any:
    """The module of the text with some changes; each must change it."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return compile_text(text).load()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parameters after two epochs, with the prediction beside them."""
    path = tmp_path_factory.mktemp("saved") / "p.npz"
    trainer = module().Trainer(seed=5)
    trainer.fit(X, Y, epochs=2, batch_size=8)
    trainer.save(path)
    np.save(path.with_suffix(".npy"), trainer.predict(X))
    return path


def refused(model: Any, path: Path, **options: bool) -> str:
    with pytest.raises(ValueError, match=r"p\.npz: ") as caught:
        model.Trainer.load(path, **options)
    return str(caught.value).removeprefix(f"{path}: ")


SGD = ("adam", "sgd")
PREDICTS_THE_SAME = {
    "optimizer": [SGD],
    "learning rate": [("0.01", "0.5")],
    "loss": [("mse(p, y)", "mae(p, y) + 0.1 * l2(W)"), SGD],
    "dropout": [("0.2", "0.5"), SGD],
    "names": [("h = ", "hidden = "), ("p = h @", "p = hidden @"), ("x ", "points ")],
    "one more output": [("output p", "output h, p"), SGD],
    "order of the parameters": [
        ("param W : [3, 4] = he_normal\n", ""),
        ("param V : [4, 1] = he_normal\n", "param V : [4, 1] = ones\nparam W : [3, 4] = zeros\n"),
    ],
}


@pytest.mark.parametrize("change", PREDICTS_THE_SAME)
def test_what_changes_no_prediction_keeps_none_from_predicting(saved: Path, change: str) -> None:
    trainer = module(*PREDICTS_THE_SAME[change]).Trainer.load(saved, new_optimizer=True)
    outputs = trainer.predict(X)
    outputs = outputs["p"] if isinstance(outputs, dict) else outputs
    assert (outputs == np.load(saved.with_suffix(".npy"))).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("tanh", "relu"), "p"),
        (("p = h @ V", "p = h @ V * 2"), "p"),
        (("p = h @ V", "p = -h @ V"), "p"),
        (("x @ W", "(x + 1) @ W"), "p"),
        (("output p", "q = exp(p)\noutput q"), ""),  # by the loss, p is what it was
        (("output p\nloss mse(p, y)", "q = exp(p)\noutput q\nloss mse(q, y)"), "the loss"),
    ],
)
def test_another_way_to_the_output_is_refused(
    saved: Path, change: tuple[str, str], told: str
) -> None:
    other = module(change)
    if told:
        expected = f"saved by a model that computed {told} {CHANGED}"
        assert refused(other, saved) == expected
        assert refused(other, saved, new_optimizer=True) == expected
    trainer = other.Trainer.load(saved, changed_model=True)
    assert (trainer.steps, trainer.epoch) == (6, 2)
    trainer.fit(X, Y, epochs=1)
    trainer.save(saved.with_name("again.npz"))
    assert other.Trainer.load(saved.with_name("again.npz")).epoch == 3


def test_a_model_may_get_its_first_output_later(tmp_path: Path) -> None:
    silent = module(("output p\n", ""))
    silent.Trainer().save(tmp_path / "p.npz")
    module().Trainer.load(tmp_path / "p.npz")
    expected = f"saved by a model that computed the loss {CHANGED}"
    assert refused(module(("tanh", "relu")), tmp_path / "p.npz") == expected


@pytest.mark.parametrize("plain", [False, True])
def test_a_new_optimizer_begins_anew_with_the_parameters(saved: Path, plain: bool) -> None:
    text = TEXT.replace("adam", "momentum").replace("dropout(tanh(x @ W), 0.2)", "tanh(x @ W)")
    other: Any = compile_text(text, plain=plain).load()
    assert refused(other, saved) == NEW
    trainer, fresh = other.Trainer.load(saved, new_optimizer=True), other.Trainer()
    assert (trainer.steps, trainer.epoch) == (0, 2)
    fresh.theta[...] = trainer.theta
    for _ in range(2):
        assert trainer.step(X, Y) == fresh.step(X, Y)
    assert (trainer.theta == fresh.theta).all()


def test_the_same_optimizer_may_begin_anew_too(saved: Path) -> None:
    trainer = module().Trainer.load(saved, new_optimizer=True)
    assert trainer.steps == 0
    assert not trainer.state.m.any()
    assert module().Trainer.load(saved).state.m.any()


def test_rules_with_the_same_states_are_told_apart(tmp_path: Path) -> None:
    adam = "adam(learning_rate = 0.01)"
    module((adam, "momentum(mu = 0.9)")).Trainer().save(tmp_path / "p.npz")
    assert refused(module((adam, "sgd(momentum = 0.9)")), tmp_path / "p.npz") == NEW

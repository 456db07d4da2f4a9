"""Dropout: what is drawn, when, by whom, and that a run can be repeated bit by bit."""

from __future__ import annotations

import re
import threading
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import graphc
from graphc.verify import verify

MASKS = """
    input x : [batch, 100]
    target R : [batch, 100]
    param w : [100] = ones
    y = dropout(x * w, {})
    output y
    loss sum(y * R)
"""
NET = """
    input x : [batch, 6]
    target t : [batch, 2]
    param W1 : [6, 16] = he_normal
    param b1 : [16] = zeros
    param W2 : [16, 2] = xavier_normal
    h = relu(x @ W1 + b1) |> dropout(0.3)
    p = h @ W2
    output p
    loss mse(p, t)
    optimizer adam()
"""


def module(text: str, **settings: Any) -> Any:
    return graphc.compile_text(text, **settings).load()


def net_data(rows: int = 10) -> tuple[Any, Any]:
    random = np.random.default_rng(5)
    return random.normal(size=(rows, 6)), random.normal(size=(rows, 2))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_mean_is_kept_and_the_rate_is_what_is_dropped(rate: float, dtype: str) -> None:
    trainer = module(MASKS.format(rate), dtype=dtype).Trainer(seed=3)
    x, one = np.ones((1, 100)), np.ones((1, 100))
    factors = np.array([trainer.gradients(x, one)["w"] for _ in range(400)])
    kept = factors != 0
    assert_allclose(factors[kept], 1 / (1 - rate), 1e-6)
    spread = np.sqrt(rate * (1 - rate) / factors.size)
    assert abs(kept.mean() - (1 - rate)) < 4 * spread
    assert abs(factors.mean() - 1) < 4 * spread / (1 - rate)
    # no element and no step is like another
    assert 0.5 * rate < 1 - kept.mean(axis=0).max() <= 1 - kept.mean(axis=0).min() < 2 * rate
    assert len({row.tobytes() for row in kept}) > 100


def test_the_numbers_are_those_of_the_generator() -> None:
    """One call of `rng.random` for each dropout and step, kept where at least `rate`."""
    for dtype in ("float32", "float64"):
        trainer = module(MASKS.format(0.4), dtype=dtype).Trainer(seed=3)
        twin = np.random.default_rng()
        twin.bit_generator.state = trainer.rng.bit_generator.state
        for _ in range(3):
            found = trainer.gradients(np.ones((1, 100)), np.ones((1, 100)))["w"]
            expected = (twin.random((1, 100), dtype) >= 0.4)[0] / 0.6
            assert_allclose(found, expected, 1e-6)
        assert twin.bit_generator.state == trainer.rng.bit_generator.state


def test_forward_and_backward_use_one_mask() -> None:
    trainer = module(MASKS.format(0.5), dtype="float64").Trainer()
    x, R = np.random.default_rng(0).normal(size=(2, 4, 100))
    for _ in range(5):
        value, gradient = trainer.loss_and_gradient(x, R)
        # the loss is linear in w: it is its own first-order expansion
        assert_allclose(gradient @ trainer.theta, value, 1e-12)


@pytest.mark.parametrize("plain", [False, True])
def test_evaluation_is_the_identity_and_draws_nothing(plain: bool) -> None:
    trainer = module(MASKS.format(0.5), plain=plain).Trainer()
    x, R = np.random.default_rng(0).normal(size=(2, 4, 100)).astype(np.float32)
    before = trainer.rng.bit_generator.state
    assert_array_equal(trainer.predict(x), x)
    assert_array_equal(trainer.predict(x), x)
    assert trainer.loss(x, R) == trainer.loss(x, R)
    assert trainer.rng.bit_generator.state == before
    trainer.gradients(x, R)
    assert trainer.rng.bit_generator.state != before


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_seed_gives_the_same_bits(dtype: str) -> None:
    one = module(NET, dtype=dtype)
    x, t = net_data()
    runs = [one.Trainer(seed=seed) for seed in (1, 1, 2)]
    losses = [trainer.fit(x, t, epochs=3, batch_size=4) for trainer in runs]
    assert losses[0] == losses[1]
    assert_array_equal(runs[0].theta, runs[1].theta)
    assert losses[0] != losses[2]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_plain_module_draws_the_same(dtype: str) -> None:
    x, t = net_data()
    fused, plain = (module(NET, dtype=dtype, plain=one).Trainer() for one in (False, True))
    for trainer in (fused, plain):
        trainer.fit(x, t, epochs=3, batch_size=4)
        trainer.step(x, t)
    assert fused.rng.bit_generator.state == plain.rng.bit_generator.state
    assert_allclose(fused.theta, plain.theta, 1e-5, 1e-6)
    assert plain.predict(x).dtype == dtype
    assert_allclose(fused.predict(x), plain.predict(x), 1e-4, 1e-6)


def test_a_run_goes_on_bit_for_bit_after_it_was_saved(tmp_path: Any) -> None:
    one = module(NET)
    x, t = net_data()
    whole, half = one.Trainer(), one.Trainer()
    for trainer in (whole, half):
        trainer.fit(x, t, epochs=2, batch_size=4)
        trainer.step(x, t)
    half.save(tmp_path / "half.npz")
    again = one.Trainer.load(tmp_path / "half.npz")
    for trainer in (whole, again):
        trainer.step(x, t)
        trainer.fit(x, t, epochs=2, batch_size=4)
    assert_array_equal(again.theta, whole.theta)
    assert again.rng.bit_generator.state == whole.rng.bit_generator.state


def test_validation_is_judged_without_dropout() -> None:
    trainer = module(NET).Trainer()
    x, t = net_data()
    trainer.fit(x, t, epochs=2, validation=(x, t))
    assert trainer.validation_losses[-1] == trainer.loss(x, t)


def test_every_call_draws_its_own() -> None:
    text = """
        param w : [200] = ones
        a = dropout(w)
        b = dropout(w)
        loss sum(a * b) + 0 * sum(a * a)
    """
    compiled = graphc.compile_text(text)
    assert compiled.source.count("rng.random(out=") == 2
    gradient = compiled.load().Trainer().gradients()["w"]
    assert set(np.unique(gradient)) == {0.0, 8.0}
    assert 0.1 < (gradient > 0).mean() < 0.4  # both kept: a quarter
    assert verify(compiled.source).holds


def test_a_rate_of_zero_is_nothing_at_all() -> None:
    without, zero = (
        graphc.compile_text(text.format(call))
        for text in ["param w : [3] = ones\nloss sum({} * w)"]
        for call in ("w", "dropout(w, 0)")
    )

    def statements(source: str) -> list[str]:
        lines = source.split("\n")[10:]
        return [line for line in lines if not re.search(r"model.nn|^FORWARD =", line)]

    assert statements(zero.source) == statements(without.source)


@pytest.mark.parametrize("call", ["dropout(w)", "dropout(s) * w", "w * dropout(sum(w), 0.2)"])
def test_parameters_and_single_numbers_are_dropped_too(call: str) -> None:
    text = f"param w : [4] = normal(1)\nparam s = 2\nv = {call} * s\noutput v\nloss sum(v * v)"
    for plain in (False, True):
        compiled = graphc.compile_text(text, plain=plain)
        assert verify(compiled.source).holds
        trainer = compiled.load().Trainer()
        seen = {round(trainer.loss_and_gradient()[0], 4) for _ in range(20)}
        assert len(seen) > 1
        assert trainer.theta.dtype == trainer.predict().dtype == np.float32


def test_prediction_and_loss_run_in_many_threads() -> None:
    trainer = module(NET).Trainer()
    x, t = net_data(50)
    p, value = trainer.predict(x), trainer.loss(x, t)
    wrong = []

    def check() -> None:
        for _ in range(50):
            if (trainer.predict(x) != p).any() or trainer.loss(x, t) != value:
                wrong.append(1)

    threads = [threading.Thread(target=check) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong

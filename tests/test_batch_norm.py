"""Batch normalisation against a NumPy reference written by hand: values, slopes, statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from differences import assert_agrees
from numpy.testing import assert_allclose, assert_array_equal

import graphc
from graphc.verify import verify

SHAPES = [(7, 4), (1, 4), (5, 4, 3), (3, 4, 5, 2), (2, 4, 1, 1)]


def model(shape: tuple[int, ...], arguments: str = "", **settings: Any) -> Any:
    """y = normalise_batch(x * scale), judged by sum(y * R): the gradient of y is R."""
    data = ", ".join(["batch", *map(str, shape[1:])])
    return graphc.compile_text(
        f"""
        input x : [{data}]
        target R : [{data}]
        param scale : [{", ".join(map(str, shape[1:]))}] = ones
        param gamma : [4] = uniform(0.5, 1.5)
        param beta : [4] = normal(1)
        param mean : [_] = zeros frozen
        param variance : [_] = ones frozen
        y = normalise_batch(x * scale, gamma, beta, mean, variance{arguments})
        output y
        loss sum(y * R)
        optimizer sgd(learning_rate = 1e-3)
        """,
        **settings,
    )


class Reference:
    """Batch normalisation in float64, one channel after the other."""

    def __init__(self, params: Any, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        self.gamma, self.beta, self.mean, self.variance = (
            np.array(params[name], np.float64) for name in ("gamma", "beta", "mean", "variance")
        )
        self.momentum, self.epsilon = momentum, epsilon

    def train(self, x: Any, R: Any) -> tuple[Any, Any, Any, Any]:
        """The values and the gradients of sum(values * R) by x, gamma and beta."""
        y, dx, dgamma, dbeta = np.empty_like(x), np.empty_like(x), np.zeros(4), np.zeros(4)
        for c in range(4):
            part, slope = x[:, c], R[:, c]
            center = part - part.mean()
            deviation = np.sqrt((center**2).mean() + self.epsilon)
            n = center / deviation
            y[:, c] = self.gamma[c] * n + self.beta[c]
            dgamma[c], dbeta[c] = (slope * n).sum(), slope.sum()
            inner = slope - slope.mean() - n * (slope * n).mean()
            dx[:, c] = self.gamma[c] / deviation * inner
        return y, dx, dgamma, dbeta

    def track(self, x: Any) -> None:
        """What a step makes of the running statistics."""
        for c in range(4):
            part = x[:, c]
            variance = part.var(ddof=1) if part.size > 1 else 0.0
            self.mean[c] += self.momentum * (part.mean() - self.mean[c])
            self.variance[c] += self.momentum * (variance - self.variance[c])

    def evaluate(self, x: Any) -> Any:
        """The values in evaluation."""
        wide = (slice(None), *(None,) * (x.ndim - 2))
        n = (x - self.mean[wide]) / np.sqrt(self.variance[wide] + self.epsilon)
        return n * self.gamma[wide] + self.beta[wide]


def data(shape: tuple[int, ...], seed: int = 0) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    return random.normal(3, 2, shape), random.normal(size=shape)


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_training_is_what_the_formulas_say(shape: tuple[int, ...], plain: bool) -> None:
    trainer = model(shape, dtype="float64", plain=plain).load().Trainer(seed=1)
    x, R = data(shape)
    y, dx, dgamma, dbeta = Reference(trainer.params).train(x, R)
    value, _ = trainer.loss_and_gradient(x, R)
    assert_allclose(value, (y * R).sum(), rtol=1e-10)
    found = trainer.gradients(x, R)
    assert_agrees(found["gamma"], dgamma, 1e-12)
    assert_agrees(found["beta"], dbeta, 1e-12)
    assert_agrees(found["scale"], (dx * x).sum(axis=0), 1e-10)
    assert_array_equal(found["mean"], 0)
    assert_array_equal(found["variance"], 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        ("", {}),
        (", momentum = 0.25, epsilon = 0.1", {"momentum": 0.25, "epsilon": 0.1}),
        (", momentum = 1", {"momentum": 1.0}),
        (", momentum = 0", {"momentum": 0.0}),
    ],
)
def test_statistics_run_over_several_steps(
    shape: tuple[int, ...], dtype: str, arguments: str, settings: Any
) -> None:
    trainer = model(shape, arguments, dtype=dtype).load().Trainer(seed=1)
    reference = Reference(trainer.params, **settings)
    tolerance = 1e-12 if dtype == "float64" else 2e-5
    for step in range(4):
        x, R = data(shape, step)
        reference.track(x * np.array(trainer.params["scale"], np.float64))
        trainer.step(x, R)
        assert_allclose(trainer.params["mean"], reference.mean, tolerance, tolerance)
        assert_allclose(trainer.params["variance"], reference.variance, tolerance, tolerance)
    reference = Reference(trainer.params, **settings)
    x, R = data((*(6,), *shape[1:]), 9)
    y = reference.evaluate(x * np.array(trainer.params["scale"], np.float64))
    found = trainer.predict(x)
    assert found.dtype == dtype
    assert_allclose(found, y, tolerance * 10, tolerance * 10)
    assert_allclose(trainer.loss(x, R), (y * R).sum(), 1e-4, 1e-3)


def test_statistics_move_by_successful_training_steps_alone() -> None:
    trainer = model((5, 4)).load().Trainer()
    x, R = data((5, 4))

    def statistics() -> tuple[list[float], list[float]]:
        return trainer.params["mean"].tolist(), trainer.params["variance"].tolist()

    start = statistics()
    trainer.predict(x)
    trainer.loss(x, R)
    trainer.gradients(x, R)
    _, gradient = trainer.loss_and_gradient(x, R)
    trainer.apply(gradient)
    assert statistics() == start
    with pytest.raises(FloatingPointError):
        trainer.step(x, np.full((5, 4), np.inf))
    with pytest.raises(FloatingPointError):
        trainer.step(x, np.full((5, 4), 3e38))
    assert statistics() == start
    trainer.fit(x, R, epochs=1, batch_size=2)
    assert statistics() != start


def test_they_are_saved_and_loaded(tmp_path: Any) -> None:
    module = model((5, 4)).load()
    x, R = data((5, 4))
    whole, half = module.Trainer(), module.Trainer()
    whole.fit(x, R, epochs=4, batch_size=2)
    half.fit(x, R, epochs=2, batch_size=2)
    half.save(tmp_path / "half.npz")
    again = module.Trainer.load(tmp_path / "half.npz")
    again.fit(x, R, epochs=2, batch_size=2)
    assert_array_equal(again.theta, whole.theta)
    assert_array_equal(again.predict(x), whole.predict(x))


def test_training_brings_the_running_mean_to_that_of_the_data() -> None:
    trainer = model((64, 4), dtype="float64").load().Trainer()
    x, _ = data((64, 4))
    for _ in range(200):
        trainer.step(x, np.zeros((64, 4)))
    assert_allclose(trainer.params["mean"], x.mean(axis=0), 1e-6)
    assert_allclose(trainer.params["variance"], x.var(axis=0, ddof=1), 1e-6)
    # the same but for n / (n - 1) in the deviation
    assert_allclose(trainer.predict(x).var(axis=0), trainer.params["gamma"] ** 2 * 63 / 64, 1e-4)


def test_constant_channels_stay_finite() -> None:
    trainer = model((8, 4)).load().Trainer()
    for value in (0.0, 1e10, -3.0):
        x = np.full((8, 4), value)
        _, gradient = trainer.loss_and_gradient(x, np.ones((8, 4)))
        assert np.isfinite(gradient).all()
    trainer.step(np.full((8, 4), 5.0), np.ones((8, 4)))
    assert np.isfinite(trainer.theta).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_both_columns_agree(shape: tuple[int, ...], plain: bool, dtype: str) -> None:
    found = verify(model(shape, dtype=dtype, plain=plain).source)
    assert found.holds, found

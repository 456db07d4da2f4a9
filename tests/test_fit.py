"""`fit`: mini-batches, validation, stopping early, and a loss that is no longer finite."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from graphc.compiled import compile_text

MODULE: Any = compile_text("""
dtype float64
input x : [batch, 2]
target y : [batch]
param w : [2] = [1, -1]
p = sum(x * w, axis = 1)
output p
loss mse(p, y)
optimizer sgd(learning_rate = 0.05)
train(epochs = 3, batch_size = 4, seed = 7)
""").load()
RANDOM = np.random.default_rng(1)
X = RANDOM.normal(size=(10, 2))
Y = X @ [0.5, 2.0]


def test_defaults_are_the_models_and_the_seed_decides_the_order() -> None:
    trainers = [MODULE.Trainer() for _ in range(3)]
    assert trainers[0].fit(X, Y) == trainers[1].fit(X, Y, epochs=3, batch_size=4, shuffle=True)
    assert (trainers[0].epoch, trainers[0].steps) == (3, 9)
    assert trainers[2].fit(X, Y, shuffle=False) != trainers[0].fit(X, Y)
    assert MODULE.Trainer(seed=8).fit(X, Y) != MODULE.Trainer(seed=9).fit(X, Y)


def test_the_loss_of_an_epoch_is_weighted_by_rows() -> None:
    trainer, by_hand = MODULE.Trainer(), MODULE.Trainer()
    (loss,) = trainer.fit(X, Y, epochs=1, batch_size=4, shuffle=False)
    parts = [by_hand.step(X[i : i + 4], Y[i : i + 4]) for i in (0, 4, 8)]
    assert loss == pytest.approx(np.average(parts, weights=[4, 4, 2]), rel=1e-14)
    np.testing.assert_array_equal(trainer.theta, by_hand.theta)


def test_validation_is_judged_after_each_epoch() -> None:
    trainer, judged = MODULE.Trainer(), []
    trainer.fit(
        X[:8], Y[:8], validation=(X[8:], Y[8:]),
        on_epoch=lambda own, loss: judged.append(own.loss(X[8:], Y[8:])),
    )  # fmt: skip
    assert trainer.validation_losses == judged
    assert len(judged) == 3


def test_stopping_early() -> None:
    trainer = MODULE.Trainer()
    assert len(trainer.fit(X, Y, epochs=50, on_epoch=lambda own, loss: own.epoch == 4)) == 4
    worse = X[8:], 1e6 - trainer.predict(X[8:])
    still = MODULE.Trainer()
    losses = still.fit(X, Y, epochs=500, patience=3, validation=worse)
    best = int(np.argmin(still.validation_losses))
    assert len(losses) == best + 1 + 3
    assert len(trainer.fit(X, Y, epochs=4, patience=4)) == 4


def test_a_loss_that_is_not_finite_leaves_the_last_finite_parameters() -> None:
    trainer = MODULE.Trainer()
    before = trainer.theta.copy()
    for bad in (np.nan, np.inf, 1e200):
        y = Y.copy()
        y[3] = bad
        with pytest.raises(FloatingPointError, match=r"step 1: the (loss|gradient) is "):
            trainer.fit(X, y, batch_size=10)
        np.testing.assert_array_equal(trainer.theta, before)
    y[3], x = Y[3], X.copy()
    x[9] = np.nan
    with pytest.raises(FloatingPointError, match="step 3: the loss is nan"):
        trainer.fit(x, y, shuffle=False)
    assert np.isfinite(trainer.theta).all()
    assert (trainer.steps, trainer.epoch) == (2, 0)


def test_what_is_given_is_never_written_to() -> None:
    x, y = np.asfortranarray(X), Y.astype(">f4")
    for array in (x, y):
        array.flags.writeable = False
    MODULE.Trainer().fit(x, y)
    MODULE.Trainer().fit(X.tolist(), Y.tolist())
    MODULE.Trainer().fit(x=X[::-1], y=Y[::-1])


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        (X[:0], Y[:0], {}, r"x: expected \[batch, 2\].* \(no rows\)"),
        (X, Y[:4], {}, r"y: expected \[batch\], batch = 10, got \[4\]"),
        (X, Y[:, None], {}, r"y: expected \[batch\], got \[10, 1\]"),
        (X[:, :1], Y, {}, r"x: expected \[batch, 2\], batch = 10, got \[10, 1\]"),
        (X.T, Y, {}, r"^x: expected \[batch, 2\], got \[2, 10\]: transposed\?$"),
        (X, Y, {"epochs": -1}, "^epochs: expected a whole number of at least 0, got -1$"),
        (X, Y, {"epochs": 2.0}, "^epochs: expected a whole number of at least 0, got 2.0$"),
        (X, Y, {"batch_size": 0}, "^batch_size: expected a whole number of at least 1, got 0$"),
        (X, Y, {"patience": 0}, "^patience: expected a whole number of at least 1, got 0$"),
        (X, Y, {"patience": "5"}, "^patience: expected a whole number of at least 1, got '5'$"),
        (X, Y, {"on_epoch": 3}, "^on_epoch: expected a function, got 3$"),
        (X, Y, {"validation": X}, r"^validation: expected a tuple \(x, y\)$"),
        (X, Y, {"validation": (X,)}, r"^validation: expected a tuple \(x, y\)$"),
        (X, Y, {"validation": (X, Y[:3])}, r"^validation: y: expected \[batch\], batch = 10, got"),
    ],
)
def test_what_does_not_fit(x: Any, y: Any, options: dict[str, Any], message: str) -> None:
    trainer = MODULE.Trainer()
    before = trainer.theta.copy()
    with pytest.raises((TypeError, ValueError), match=message):
        trainer.fit(x, y, **options)
    np.testing.assert_array_equal(trainer.theta, before)
    assert trainer.steps == 0


def test_numbers_of_numpy_count_as_numbers() -> None:
    trainer, by_hand = MODULE.Trainer(), MODULE.Trainer()
    x, y = np.repeat(X, 30, axis=0), np.repeat(Y, 30)
    options = {"epochs": np.int64(2), "batch_size": np.uint8(200), "patience": np.int32(9)}
    assert trainer.fit(x, y, **options) == by_hand.fit(x, y, epochs=2, batch_size=200)


def test_a_model_without_data_checks_its_options_too() -> None:
    trainer: Any = compile_text("param w : [] = 1\noutput w\nloss w * w").load().Trainer()
    for options in ({"epochs": -1}, {"patience": 0}, {"on_epoch": "print"}):
        with pytest.raises((TypeError, ValueError), match=f"{next(iter(options))}: expected "):
            trainer.fit(**options)
    assert len(trainer.fit(epochs=np.int8(3))) == 3


def test_parameters_are_set_in_place_or_not_at_all() -> None:
    trainer = MODULE.Trainer()
    with pytest.raises(TypeError):
        trainer.params["w"] = np.zeros(2)
    for name in ("params", "theta"):
        with pytest.raises(AttributeError):
            setattr(trainer, name, np.zeros(2))
    trainer.theta[...] = [3, 4]
    assert trainer.params["w"].tolist() == [3, 4]
    trainer.params["w"][...] = [5, 6]
    assert trainer.predict([[1, 0], [0, 1]]).tolist() == [5, 6]
    trainer.step(X, Y)
    np.testing.assert_array_equal(trainer.predict(np.eye(2)), trainer.params["w"])


def test_an_update_from_a_gradient_that_is_none() -> None:
    trainer = MODULE.Trainer()
    before = trainer.theta.copy()
    for bad in (np.nan, np.inf, -np.inf):
        with pytest.raises(FloatingPointError, match="step 1: the gradient is not finite"):
            trainer.apply([0.5, bad])
    with pytest.raises(TypeError, match=r"gradient: expected a vector, .* got a dict"):
        trainer.apply(trainer.gradients(X, Y))
    with pytest.raises(ValueError, match=r"gradient: expected \[2\], got \[3\]"):
        trainer.apply([1, 2, 3])
    np.testing.assert_array_equal(trainer.theta, before)
    assert trainer.steps == 0


@pytest.mark.parametrize(
    ("optimizer", "large", "fine"),
    [("sgd(momentum = 0.9)", 3e38, 1), ("adam", 1e25, 0), ("sgd(10)", 1e38, 0)],
)
def test_an_update_that_overflows_is_taken_back(optimizer: str, large: float, fine: int) -> None:
    text = f"param w : [2] = 1\nloss sum(tanh(w))\noptimizer {optimizer}"
    for plain in (False, True):
        module = compile_text(text, plain=plain).load()
        trainer, states = module.Trainer(), module.STATES
        for gradient in [0.5, *[large] * fine]:
            trainer.apply([gradient, 0.25])
        kept = [trainer.theta, *(vars(trainer.state)[name] for name in states)]
        before = [array.copy() for array in kept]
        with pytest.raises(FloatingPointError, match="the update is not finite"):
            trainer.apply([large, 0.25])
        for array, old in zip(kept, before, strict=True):
            np.testing.assert_array_equal(array, old)
        assert trainer.steps == 1 + fine
        trainer.fit(epochs=3)


def test_threads_share_a_trainer() -> None:
    trainer = MODULE.Trainer()
    batches = [(X[: 1 + i % 10], Y[: 1 + i % 10]) for i in range(200)]
    alone = [(trainer.predict(x).tobytes(), trainer.loss(x, y)) for x, y in batches]

    def both(batch: tuple[Any, Any]) -> tuple[bytes, float]:
        return trainer.predict(batch[0]).tobytes(), trainer.loss(*batch)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            for _ in range(5):
                assert list(pool.map(both, batches)) == alone
    finally:
        sys.setswitchinterval(before)


def test_predictions_are_the_callers_own() -> None:
    trainer = MODULE.Trainer()
    first = trainer.predict(X)
    kept = first.copy()
    trainer.step(X, Y)
    second = trainer.predict(X)
    np.testing.assert_array_equal(first, kept)
    assert (first != second).any()
    first[...] = 0
    np.testing.assert_array_equal(trainer.predict(X), second)
    assert not any(
        np.shares_memory(second, held)
        for buffers in trainer._spare.values()
        for buffer in buffers
        for held in vars(buffer).values()
        if isinstance(held, np.ndarray)
    )


@pytest.mark.parametrize("plain", [False, True])
def test_a_batch_on_two_axes_is_cut_on_both(plain: bool) -> None:
    text = "input x : [batch, batch]\ninput z : [2, batch, 3, batch]\nparam w = 1\n"
    text += "loss mean(square(w * x)) + mean(w * z)"
    module = compile_text(text, plain=plain, dtype="float64").load()
    random = np.random.default_rng(0)
    x, z = random.random((5, 5)), random.random((2, 5, 3, 5))
    fitted, stepped = module.Trainer(), module.Trainer()
    fitted.fit(x, z, epochs=1, batch_size=3, shuffle=False)
    for part in (slice(0, 3), slice(3, 5)):
        stepped.step(x[part, part], z[:, part, :, part])
    assert fitted.params["w"] == stepped.params["w"]

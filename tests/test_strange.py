"""Data that is not finite, masked or no number is refused by name; what was learnt stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from graphc.cli import graphc
from graphc.compiled import compile_text

TEXT = """
input x : [batch, 3]
input scale : [3]
target y : [batch]
param w : [3] = [1, 2, 3]
p = (x * scale) @ w
output p
loss mse(p, y)
optimizer sgd(0.01)
train(shuffle = true)
"""
MODULES: list[Any] = [compile_text(TEXT, plain=plain).load() for plain in (False, True)]
X, SCALE, Y = np.ones((10, 3)), np.ones(3), np.zeros(10)
CALLS = ["step", "fit", "loss", "gradients", "loss_and_gradient", "predict"]


def spoilt(array: Any, place: Any, value: float) -> Any:
    found = array.copy()
    found[place] = value
    return found


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("call", CALLS)
def test_the_array_and_the_place_are_told(module: Any, call: str, value: float) -> None:
    trainer = module.Trainer()
    trainer.step(X, SCALE, Y)
    before, shown = trainer.theta.copy(), "inf" if value == 1e300 else value
    for x, scale, y, told in (
        (spoilt(X, (7, 1), value), SCALE, Y, f"x[7, 1] is {shown}"),
        (X, spoilt(SCALE, 2, value), Y, f"scale[2] is {shown}"),
        (X, SCALE, spoilt(Y, 9, value), f"y[9] is {shown}"),
    ):
        data = [x, scale] if call == "predict" else [x, scale, y]
        if call == "predict" and y is not Y:
            continue
        with pytest.raises(FloatingPointError) as caught:
            getattr(trainer, call)(*data)
        assert str(caught.value).endswith(f"; {told}")
        assert str(caught.value).startswith("step 2: ") == (call in ("step", "fit"))
        np.testing.assert_array_equal(trainer.theta, before)
    assert np.isfinite(trainer.step(X, SCALE, Y))


def test_a_batch_tells_the_row_of_the_data() -> None:
    trainer = MODULES[0].Trainer()
    with pytest.raises(FloatingPointError, match=r"step \d+: the loss is nan; x\[7, 1\] is nan$"):
        trainer.fit(spoilt(X, (7, 1), np.nan), SCALE, Y, batch_size=2)
    assert np.isfinite(trainer.theta).all()


def test_validation_is_looked_at_before_training() -> None:
    trainer = MODULES[0].Trainer()
    with pytest.raises(FloatingPointError, match=r"^validation: the loss is nan; y\[3\] is nan$"):
        trainer.fit(X, SCALE, Y, validation=(X, SCALE, spoilt(Y, 3, np.nan)))
    assert trainer.steps == 0


def test_what_overflows_on_finite_data_is_told_as_it_is() -> None:
    trainer = MODULES[0].Trainer()
    assert trainer.predict(X * 1e38, SCALE).tolist() == [np.inf] * 10
    assert trainer.loss(X * 1e30, SCALE, Y) == np.inf
    with pytest.raises(FloatingPointError, match=r"^step 1: the loss is inf$"):
        trainer.step(X * 1e30, SCALE, Y)


def test_a_model_may_do_something_about_it() -> None:
    module: Any = compile_text(
        "input x : [batch, 3]\nparam w : [3] = 1\np = where(equal(x, x), x, 0) @ w\n"
        "output p\nloss mean(p)"
    ).load()
    trainer, x = module.Trainer(), spoilt(X, (2, 1), np.nan)
    assert trainer.predict(x)[1:4].tolist() == [3, 2, 3]
    assert np.isfinite([trainer.step(x), *trainer.fit(x, epochs=1)]).all()


@pytest.mark.parametrize("module", MODULES)
def test_masks_are_not_dropped(module: Any) -> None:
    trainer = module.Trainer()
    masked = np.ma.masked_array(X, mask=np.eye(10, 3))
    for call in CALLS[:5]:
        for x in (masked, list(masked), tuple(masked)):
            with pytest.raises(TypeError, match=r"^x: expected numbers alone, got some .* masked$"):
                getattr(trainer, call)(x, SCALE, Y)
    with pytest.raises(TypeError, match="x: expected numbers alone"):
        trainer.predict(masked, SCALE)
    with pytest.raises(TypeError, match=r"^y: expected numbers alone"):
        trainer.step(X, SCALE, [*Y[:9], np.ma.masked])
    with pytest.raises(TypeError, match=r"^gradient: expected numbers alone"):
        trainer.apply(masked[0])
    assert trainer.steps == 0
    whole = np.ma.masked_array(X)
    np.testing.assert_array_equal(trainer.predict(whole, SCALE), trainer.predict(X, SCALE))


def test_classes_and_gradients_that_are_no_numbers() -> None:
    module: Any = compile_text(
        "input x : [batch, 3]\ntarget y : int[batch]\nparam W : [3, 4] = zeros\n"
        "loss cross_entropy(x @ W, y)"
    ).load()
    trainer = module.Trainer()
    for value in (np.nan, np.inf, -np.inf, 1e30, 0.5):
        with pytest.raises(TypeError, match=r"^y: expected whole numbers, got "):
            trainer.step(X, spoilt(Y, 4, value))
    with pytest.raises(TypeError, match=r"^gradient: expected numbers, got complex128$"):
        trainer.apply(np.ones(12) * 1j)


@pytest.mark.parametrize("value", ["nan", "inf", "1e300"])
def test_a_table_tells_row_and_column(tmp_path: Path, value: str) -> None:
    model, data = tmp_path / "m.nn", tmp_path / "d.csv"
    model.write_text(
        "input x : [batch, 2]\ntarget y : [batch]\nparam w : [2] = 1\nloss mse(x @ w, y)"
    )
    data.write_text(f"a,b,c\n1,2,3\n1,{value},3\n")
    result = CliRunner().invoke(graphc, ["train", str(model), "--data", str(data)])
    assert result.exit_code == 1
    assert "row 3, column 'b'" in result.output
    assert f"expected a finite number, got {float(value)}" in result.output


UPDATES = {
    "a rule of one's own": """
        update unit(rate = 0.01) {
            parameter' = parameter - rate * gradient / abs(gradient)
        }
        optimizer unit(rate = 0.01)
    """,
    "a rate that ends": "optimizer adam(learning_rate = sqrt(3 - step))",
    "a rate of matrices": "optimizer sgd(learning_rate = 0.1 / matrices)",
    "nothing beside the root": "optimizer adam(learning_rate = 0.1, epsilon = 0)",
}


@pytest.mark.parametrize("optimizer", UPDATES.values(), ids=UPDATES.keys())
def test_an_update_that_is_not_finite_is_taken_back(optimizer: str) -> None:
    model = """
        input x : [batch, 2]
        param W : [2, 1] = 0.5
        param b : [1] = 0.5
        param dead : [1] = 0.5
        loss mean(square(x @ W + b)) + mean(relu(dead - 1))
    """
    text = "\n".join(line.strip() for line in (model + optimizer).splitlines())
    trainer = compile_text(text).load().Trainer()
    before: dict[str, Any] = {}

    def steps() -> None:
        for _ in range(6):
            before.update(trainer.__getstate__())
            trainer.step(np.ones((3, 2)))

    with pytest.raises(FloatingPointError, match=r"step \d: the update is not finite"):
        steps()
    for name, array in trainer.__getstate__().items():
        np.testing.assert_array_equal(array, before[name])
    assert np.isfinite(trainer.theta).all()


@pytest.mark.parametrize(
    ("optimizer", "quick"),
    [
        ("", True),
        ("adam(learning_rate = 0.01, weight_decay = 0.1 * matrices, clip_norm = 1)", True),
        ("sgd(learning_rate = 0.1 / (1 + 0.01 * step))", True),
        ("adamw(learning_rate = warmup(cosine_decay(0.1, steps = 9), steps = 3))", True),
        ("sgd(learning_rate = 0.1 * 0.9 ** epoch)", True),
        ("sgd(learning_rate = 0.1 * exp(step))", False),
        ("sgd(learning_rate = 0.1 * step ** 9)", False),
        ("sgd(learning_rate = 1e30)", False),
    ],
)
def test_a_step_looks_at_its_update_where_it_must(optimizer: str, quick: bool) -> None:
    text = f"param W : [2] = 1\nloss sum(W)\n{f'optimizer {optimizer}' if optimizer else ''}"
    assert ("gradient.dot(gradient) < 1e30" in compile_text(text).source) == quick

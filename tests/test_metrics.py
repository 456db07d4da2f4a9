"""What `graphc train` measures a model by: found in what its loss reads, and in the data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from graphc.compiled import Compiled, compile_text
from graphc.training.metrics import Metrics, told

X = np.array([[2.0, 1], [0, 3], [1, 0], [0.5, 0.1]], np.float32)
HEAD = "input x : [batch, 2]\ntarget y : {}\nparam W : [2, {}] = 1\nz = x @ W\n"
DECIDED = np.array([[1.0], [0], [1], [0]], np.float32)
HOT = np.eye(2, dtype=np.float32)[[0, 1, 1, 0]]


def model(target: str, width: int, *lines: str) -> Compiled:
    return compile_text(HEAD.format(target, width) + "\n".join(lines))


def measured(compiled: Compiled, W: Any, *arrays: Any) -> dict[str, float]:
    trainer = compiled.load().Trainer()
    trainer.params["W"][...] = W
    found = Metrics(compiled.model, arrays)
    values = found.measure(trainer, arrays, lambda: trainer.loss(*arrays))
    assert list(values) == found.names
    return values


@pytest.mark.parametrize("output", ["z", "p"])
@pytest.mark.parametrize(
    "loss",
    [
        "bce_with_logits(z, y)",
        "binary_cross_entropy(p, y)",
        "-mean(y * log(p) + (1 - y) * log(1 - p))",
        "mean((p - y) ** 2)",
        "mae(squeeze(p, 1), squeeze(y, 1)) + 0.1 * l2(W)",
    ],
)
def test_decisions_are_right_or_wrong(output: str, loss: str) -> None:
    compiled = model("[batch, 1]", 1, "p = sigmoid(z)", f"output {output}", f"loss {loss}")
    values = measured(compiled, [[1], [-1]], X, DECIDED)  # z = 1, -3, 1, 0.4
    assert values == {"accuracy": 3 / 4}


@pytest.mark.parametrize("output", ["z", "p"])
@pytest.mark.parametrize(
    "loss", ["cross_entropy(z, y)", "-mean(sum(y * log(p), 1))", "mse(p, y)", "mse(y, p)"]
)
def test_one_hot_rows_have_a_class_each(output: str, loss: str) -> None:
    compiled = model("[batch, 2]", 2, "p = softmax(z)", f"output {output}", f"loss {loss}")
    assert measured(compiled, np.eye(2), X, HOT) == {"accuracy": 3 / 4}


def test_one_hot_columns_do_too() -> None:
    compiled = compile_text(
        "input x : [2, batch]\ntarget y : [2, batch]\nparam W : [2, 2] = 1\n"
        "p = sigmoid(W @ x)\noutput p\nloss mse(p, y)"
    )
    x = np.ascontiguousarray(X.T)
    assert measured(compiled, np.eye(2), x, np.ascontiguousarray(HOT.T)) == {"accuracy": 3 / 4}


def test_several_decisions_a_row_are_counted_each() -> None:
    compiled = model("[batch, 2]", 2, "output z", "loss bce_with_logits(z, y)")
    y = np.array([[1, 1], [0, 1], [0, 0], [0, 0]], np.float32)
    assert measured(compiled, np.eye(2), X, y) == {"accuracy": 5 / 8}


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "half_sse"])
def test_numbers_have_an_explained_share_and_an_error_in_their_unit(loss: str) -> None:
    compiled = model("[batch, 1]", 1, "output z", f"loss {loss}(z, y)")
    y = np.array([[3], [3], [2], [1]], np.float32)
    z = X @ [[1], [1]]
    values = measured(compiled, [[1], [1]], X, y)
    share = 1 - ((z - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    assert values == pytest.approx({"r2": share, "mae": np.abs(z - y).mean()}, rel=1e-6)


def test_nothing_is_divided_by_the_variance_of_a_constant() -> None:
    compiled = model("[batch, 1]", 1, "output z", "loss mse(z, y)")
    assert list(measured(compiled, 1, X, np.full((4, 1), 0.1, np.float32))) == ["mae"]


def test_a_constant_column_among_others_does_no_harm() -> None:
    compiled = model("[batch, 2]", 2, "output z", "loss mse(z, y)")
    y = X.copy()
    y[:, 0] = 0.1
    values = measured(compiled, [[0, 0], [0, 1]], X, y)
    assert values["r2"] == pytest.approx(1 - 0.04 / ((y[:, 1] - y[:, 1].mean()) ** 2).sum(), 1e-5)


@pytest.mark.parametrize(("output", "names"), [("p", ["r2", "mae"]), ("z", [])])
def test_shares_that_are_no_decisions_are_numbers(output: str, names: list[str]) -> None:
    lines = ("p = sigmoid(z)", f"output {output}", "loss bce_with_logits(z, y)")
    shares = np.array([[0.3], [0.1], [0.5], [1]], np.float32)
    assert list(measured(model("[batch, 1]", 1, *lines), 1, X, shares)) == names


def test_an_output_in_other_units_than_the_data_is_not_measured_by_it() -> None:
    lines = ("p = sigmoid(z)", "output p", "loss mse(z, y)")
    assert measured(model("[batch, 1]", 1, *lines), 1, X, DECIDED) == {}


def test_labels_may_be_several_in_a_row_of_scores() -> None:
    compiled = compile_text(
        "input x : [batch, 4]\ntarget y : int[batch, 2]\nparam W : [4, 4] = 1\nz = x @ W\n"
        "output z\nloss cross_entropy(reshape(z, [batch, 2, 2]), y)"
    )
    x = np.array([[1, 0, 1, 0], [0, 1, 1, 0]], np.float32)
    assert measured(compiled, np.eye(4), x, np.array([[0, 0], [0, 0]])) == {"accuracy": 3 / 4}


def test_an_autoencoder_is_measured_against_its_input() -> None:
    text = "input x : [batch, 2]\nparam W : [2, 2] = 1\np = x @ W\noutput p\nloss mse(p, x)"
    values = measured(compile_text(text), np.eye(2), X)
    assert values == {"r2": 1, "mae": 0}


@pytest.mark.parametrize(
    ("loss", "names"),
    [
        ("cross_entropy(z, y)", ["accuracy", "perplexity"]),
        ("cross_entropy(z, y) + 0.1 * l2(W)", ["accuracy"]),
        ("-mean(slice(log_softmax(z), 0, 1, axis = 2))", ["accuracy"]),
    ],
)
def test_a_model_of_language_is_perplexed(loss: str, names: list[str]) -> None:
    compiled = compile_text(
        "input x : int[batch, time]\ntarget y : int[batch, time]\ndim time = 2\n"
        f"param W : [3, 3] = 1\nz = embedding(x, W)\noutput z\nloss {loss}"
    )
    tokens = np.array([[0, 1], [2, 0]])
    values = measured(compiled, 9 * np.eye(3), tokens, tokens)
    assert list(values) == names
    assert values["accuracy"] == 1
    if "perplexity" in values:
        assert values["perplexity"] == pytest.approx(1 + 2 * math.exp(-9), 1e-5)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (("output z", "loss cross_entropy(z, y)"), ["accuracy"]),
        (("output z", "loss mse(softmax(z), one_hot(y, 2))"), ["accuracy"]),
        (("s = sum(z, 1)", "output s", "loss cross_entropy(z, y)"), []),
        (("s = concat(z, z, axis = 1)", "output s", "loss cross_entropy(z, y)"), []),
        (("loss cross_entropy(z, y)",), []),
    ],
)
def test_labels_need_an_output_that_scores_them(lines: tuple[str, ...], names: list[str]) -> None:
    values = measured(model("int[batch]", 2, *lines), np.eye(2), X, np.array([0, 1, 1, 0]))
    assert list(values) == names
    assert all(value == 3 / 4 for value in values.values())


def test_several_targets_are_told_apart() -> None:
    compiled = compile_text(
        "input x : [batch, 2]\ntarget kind : int[batch]\ntarget price : [batch, 1]\n"
        "param W : [2, 2] = 1\nz = x @ W\nq = slice(z, 0, 1, axis = 1)\noutput q, z\n"
        "loss cross_entropy(z, kind) + mse(q, price)"
    )
    values = measured(compiled, np.eye(2), X, np.array([0, 1, 1, 0]), X[:, :1].copy())
    assert values == {"kind_accuracy": 3 / 4, "price_r2": 1, "price_mae": 0}


def test_a_loss_without_data_has_no_metric() -> None:
    compiled = compile_text("param W : [] = 3\noutput W\nloss W")
    assert measured(compiled, 2) == {}


def test_an_output_that_is_not_finite_is_not_measured() -> None:
    compiled = model("[batch, 1]", 1, "p = exp(z)", "output p", "loss mse(p, y)")
    trainer = compiled.load().Trainer()
    arrays = (X * 1000, DECIDED)
    assert Metrics(compiled.model, arrays).measure(trainer, arrays, lambda: 0.0) == {}


def test_texts() -> None:
    values = {"accuracy": 0.975, "kind_accuracy": 1.0, "r2": 0.98121, "mae": 1234567.0}
    expected = ["accuracy 97.5 %", "kind accuracy 100.0 %", "R² 0.9812", "MAE 1.235e+06"]
    assert [told(name, value) for name, value in values.items()] == expected
    assert told("r2", -1e9) == "R² -1e+09"

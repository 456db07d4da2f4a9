"""Operations that only move data: their values, sizes and gradients."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from checked import codes, shapes
from numpy.testing import assert_allclose, assert_array_equal

import graphc
from graphc.verify import verify

X = np.arange(24.0).reshape(2, 3, 4)


def both(text: str, **settings: Any) -> list[Any]:
    """A trainer of the module and one of its plain version."""
    return [
        graphc.compile_text(text, plain=plain, **settings).load().Trainer()
        for plain in (False, True)
    ]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("expand_dims(x, 1)", X[:, None]),
        ("expand_dims(x, -1)", X[..., None]),
        ("expand_dims(x, [0, -1])", X[None, ..., None]),
        ("squeeze(expand_dims(x, [1, 4]), [-1, 1])", X),
        ("flatten(x)", X.reshape(2, 12)),
        ("flatten(x, start = 0)", X.reshape(24)),
        ("flatten(x, start = -1)", X),
        ("unflatten(x, -1, 2)", X.reshape(2, 3, 2, 2)),
        ("unflatten(x, 1, parts = 3)", X.reshape(2, 3, 1, 4)),
        ("matrix_transpose(x)", np.swapaxes(X, 1, 2)),
        ("transpose(transpose(x, [1, 2, 0]), [1, 2, 0])", X.transpose(2, 0, 1)),
        ("broadcast(slice(x, 0, 1), [4, 3, -1])", np.broadcast_to(X[:1], (4, 3, 4))),
        ("concat(x, x, axis = 1)", np.concatenate((X, X), 1)),
        ("concat(x, slice(x, 1), x)", np.concatenate((X, X[1:], X))),
        ("concat(x, broadcast(1, [2, 3, 1]), axis = -1)", np.insert(X, 4, 1, axis=-1)),
        ("stack(x, -x)", np.stack((X, -X))),
        ("stack(x, x, x, axis = -1)", np.stack((X, X, X), -1)),
        ("stack(sum(x), 2, size(x))", np.array([276.0, 2, 24])),
        ("slice(x, 1, 3, axis = 2)", X[:, :, 1:3]),
        ("slice(x, -1)", X[-1:]),
        ("slice(x, -3, -1, axis = -1)", X[:, :, -3:-1]),
        ("slice(x, 1, -1, axis = 2)", X[:, :, 1:-1]),
        ("slice(x, 1, step = 2, axis = 2)", X[:, :, 1::2]),
        ("slice(x, none, 1)", X[:1]),
        ("slice(x, n - 2, n, axis = 1)", X[:, 1:3]),
        ("slice(x, -n, axis = 1)", X),
        ("size(x) + size(x, 1) + size(x, [0, -1]) + 0 * sum(x)", np.array(24.0 + 3 + 8)),
    ],
)  # fmt: skip
def test_values_are_those_of_numpy(expression: str, expected: Any) -> None:
    text = (
        f"dim n = 3\nparam x : [2, n, 4] = zeros\ny = {expression}\noutput y\nloss sum(square(y))\n"
    )
    for trainer in both(text):
        trainer.params["x"][...] = X
        found = trainer.predict()
        assert found.dtype == np.float32
        assert_array_equal(found, expected)
    assert verify(graphc.compile_text(text).source).holds


def test_sizes_are_inferred_through_moves() -> None:
    text = """
        input x : [batch, 8]
        param W : [_, 5] = normal
        param V : [3, _] = normal
        param k : [_] = zeros
        param s : [7, _] = zeros
        p = x @ concat(W, V) + concat(k, [1, 2])
        q = sum(squeeze(s, 1))
        output p
        loss sum(p) + q
    """
    found = shapes(text)
    assert (found["W"], found["V"], found["k"], found["s"]) == ((5, 5), (3, 5), (3,), (7, 1))
    assert codes(text.replace("[_, 5]", "[_, 4]").replace("[3, _]", "[9, 4]")) == ["E0301"]


@pytest.mark.parametrize(
    ("expression", "reference"),
    [
        ("slice(x, 1, axis = 1)", lambda x: x[:, 1:]),
        ("slice(x, 0, -1, axis = 1)", lambda x: x[:, :-1]),
        ("squeeze(slice(x, -1, axis = 1), 1)", lambda x: x[:, -1]),
        ("slice(concat(x, x, axis = 1), time, axis = 1)", lambda x: x),
        ("slice(x, 0, time, axis = 1)", lambda x: x),
        ("slice(concat(x, x), 0, step = 2)", lambda x: np.tile(x, (2, 1, 1))[::2]),
        ("flatten(x)", lambda x: x.reshape(len(x), -1)),
        ("unflatten(x, 0, batch)", lambda x: x[:, None]),
    ],
)  # fmt: skip
def test_run_time_sizes(expression: str, reference: Any) -> None:
    text = f"input x : [batch, time, 2]\nparam w = 1\ny = w * {expression}\noutput y\nloss sum(y)\n"
    random = np.random.default_rng(0)
    for time in (1, 2, 5):
        x = random.random((3, time, 2)).astype(np.float32)
        for trainer in both(text):
            assert_array_equal(trainer.predict(x), reference(x))
    assert verify(graphc.compile_text(text).source).holds


def test_a_size_of_targets_alone_may_be_sliced() -> None:
    text = """
        input x : [batch, 2]
        target y : [batch, time]
        param w = 1
        p = x * w
        output p
        loss sum(p) * mean(square(slice(y, 1, axis = 1)))
    """
    for trainer in both(text):
        assert trainer.predict(np.ones((3, 2))).shape == (3, 2)
        assert trainer.loss(np.ones((3, 2)), np.ones((3, 4))) == 6


def test_a_size_may_have_the_name_of_an_argument() -> None:
    text = """
        input x : [batch, axis, start]
        param w = 1
        y = w * slice(concat(x, x, axis = 1), 0, axis, axis = 1)
        output y
        loss sum(unflatten(y, 2, start)) + sum(flatten(y))
    """
    x = np.random.default_rng(0).random((2, 3, 4))
    for trainer in both(text, dtype="float64"):
        assert_array_equal(trainer.predict(x), x)
        assert_allclose(trainer.gradients(x)["w"], 2 * x.sum())


def gradients_of_slices(parts: str) -> tuple[str, Any]:
    """The statements of `backward`, and the gradient of what is cut up."""
    lines = [
        f"p{place} = slice(h, {part}, axis = 1)" for place, part in enumerate(parts.split(";"))
    ]
    loss = " + ".join(f"{place + 2} * sum(square(p{place}))" for place in range(len(lines)))
    text = "\n".join(["param W : [2, 6] = normal(1)", "h = W * 1", *lines, f"loss {loss}"])
    compiled = graphc.compile_text(text, dtype="float64")
    assert verify(compiled.source).holds
    trainer = compiled.load().Trainer()
    gradient = trainer.gradients()["W"] / (2 * trainer.params["W"])
    return re.split(r"\ndef |\nclass ", compiled.source.split("def backward")[1])[0], gradient[0]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ("0, 2;2, 5;5", [2, 2, 3, 3, 3, 4]),
        ("2, 5;0, 2;5", [3, 3, 2, 2, 2, 4]),
        ("0, 1;1, 3", [2, 3, 3, 0, 0, 0]),
        ("0, 4;2, 6", [2, 2, 5, 5, 3, 3]),
        ("0, 2;4;2, 4", [2, 2, 4, 4, 3, 3]),
        ("0, step = 2;1, step = 2", [2, 3, 2, 3, 2, 3]),
        ("0, none, 4;-1;-1", [2, 0, 0, 0, 2, 7]),
    ],
)
def test_the_gradients_of_slices_add_up(parts: str, expected: list[float]) -> None:
    assert_allclose(gradients_of_slices(parts)[1], expected)


def test_a_gradient_that_is_a_constant_is_computed_once() -> None:
    text = "param W : [4] = 1\nloss sum(slice(W, 0, step = 2)) + mean(W)"
    for trainer in both(text):
        assert_array_equal(trainer.gradients()["W"], [1.25, 0.25, 1.25, 0.25])


def test_the_gradients_of_neighbouring_slices_are_joined() -> None:
    backward, _ = gradients_of_slices("0, 2;2, 5;5")
    assert backward.count("concatenate(") == 2  # the statement and its comment
    assert "padded(" not in backward

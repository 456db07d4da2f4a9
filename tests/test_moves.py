"""Operations that only move data: their values, their gradients, and whole numbers through them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from checked import codes, shapes
from numpy.testing import assert_allclose, assert_array_equal
from systems import module

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


TOKENS = """
    dim vocab = 7
    input tokens : int[batch, 5]
    const first : int[1, 1] = 3
    param table : [vocab, 4] = normal(1)
    inner = slice(tokens, 0, 4, axis = 1)
    begin = broadcast(first, [batch, 1])
    ids = concat(begin, inner, axis = 1)
    x = embedding(ids, table)
    logits = x @ matrix_transpose(table)
    output logits, ids
    loss cross_entropy(logits, tokens)
"""


def test_whole_numbers_stay_whole_through_moves() -> None:
    tokens = np.random.default_rng(0).integers(0, 7, (3, 5))
    ids = np.concatenate((np.full((3, 1), 3), tokens[:, :4]), 1)
    results = []
    for trainer in both(TOKENS, dtype="float64"):
        table, found = trainer.params["table"], trainer.predict(tokens)
        assert found["ids"].dtype == np.int64
        assert_array_equal(found["ids"], ids)
        assert_allclose(found["logits"], table[ids] @ table.T, rtol=1e-14)
        results.append(trainer.gradients(tokens)["table"])
        with pytest.raises(ValueError, match="tokens: expected classes 0 to 6, got 0 to 7"):
            trainer.step(np.where(tokens == tokens.max(), 7, 0))
        with pytest.raises(ValueError, match="tokens: expected classes 0 to 6, got -1 to 0"):
            trainer.predict(np.where(tokens == tokens.max(), -1, 0))
    assert_allclose(*results, rtol=1e-12)
    assert verify(graphc.compile_text(TOKENS).source).holds


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_of_whole_numbers_count_as_memory(dtype: str) -> None:
    compiled = graphc.compile_text(TOKENS, dtype=dtype)
    loaded = compiled.load()
    trainer = loaded.Trainer()
    arrays = [one for one in vars(loaded.Buffers(3)).values() if isinstance(one, np.ndarray)]
    assert {one.dtype.name for one in arrays} == {dtype, "int64"}
    held = sum({id(one): one.nbytes for one in arrays}.values())
    assert compiled.model.memory(3) == held + trainer.theta.nbytes + trainer.gradient.nbytes


def test_a_long_chain_of_views_keeps_whole_numbers_whole() -> None:
    chain = "tokens" + " |> expand_dims(0) |> squeeze(0)" * 12
    text = f"input tokens : int[batch]\nparam t : [9, 2] = 1\nloss sum(embedding({chain}, t))"
    for trainer in both(text):
        assert_array_equal(trainer.gradients([0, 8, 8])["t"][:, 0], [1, 0, 0, 0, 0, 0, 0, 0, 2])


@pytest.mark.parametrize(
    ("moved", "limit"),
    [
        ("slice(y, 0, 2, axis = 1)", 4),
        ("reshape(y, [-1])", 4),
        ("y.T", 4),
        ("stack(y, y)", 4),
        ("flatten(expand_dims(y, 2))", 4),
        ("concat(unflatten(y, 1, 3), unflatten(y, 1, 3))", 4),
    ],
)
def test_the_door_knows_the_range_of_what_is_moved(moved: str, limit: int) -> None:
    text = f"input y : int[batch, 3]\nparam W : [4, 2] = normal\nloss sum(embedding({moved}, W))"
    compiled = graphc.compile_text(text)
    assert [one.classes for one in compiled.data] == [limit]
    assert verify(compiled.source).holds


@pytest.mark.parametrize("rows", [3, 65, 1000])
def test_rows_that_are_used_twice_add_up(rows: int) -> None:
    random = np.random.default_rng(0)
    ids, weights = random.integers(0, rows, (4, 50)), random.normal(size=(4, 50, 3))
    text = f"""
        input ids : int[batch, 50]
        input R : [batch, 50, 3]
        param table : [{rows}, 3] = normal
        loss sum(embedding(ids, table) * R)
    """
    expected = np.zeros((rows, 3))
    for place in np.ndindex(ids.shape):
        expected[ids[place]] += weights[place]
    for plain in (False, True):
        found = module(text, plain).Trainer().gradients(ids, weights)["table"]
        assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


def test_one_hot_is_numbers_of_the_working_precision() -> None:
    text = """
        dim classes = 4
        input y : int[batch, 2]
        const k : int[2] = [3, 0]
        param w = 1
        p = w * one_hot(y, classes)
        q = -one_hot(k, 4) * w
        r = concat(one_hot(k, 4), one_hot(k, classes))
        output p, q, r
        loss sum(p) + sum(q)
    """
    y, eye = np.array([[0, 1], [3, 3]]), np.eye(4, dtype=np.float32)
    for trainer in both(text):
        found = trainer.predict(y)
        assert {one.dtype for one in found.values()} == {np.dtype(np.float32)}
        assert_array_equal(found["p"], eye[y])
        assert_array_equal(found["q"], -eye[[3, 0]])
        assert_array_equal(found["r"], eye[[3, 0, 3, 0]])

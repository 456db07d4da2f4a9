"""Whole numbers: through what moves them, into embeddings and one-hot rows, at the door."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from systems import held, module

import graphc
from graphc.verify import verify


def both(text: str, **settings: Any) -> list[Any]:
    """A trainer of the module and one of its plain version."""
    return [
        graphc.compile_text(text, plain=plain, **settings).load().Trainer()
        for plain in (False, True)
    ]


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
        with pytest.raises(ValueError, match=r"tokens: expected classes 0 to 6, got 7$"):
            trainer.predict(np.full_like(tokens, 7))
        with pytest.raises(TypeError, match=r"tokens: expected numbers, got text \('a'\)$"):
            trainer.predict([["a", "b"]])
        with pytest.raises(TypeError, match=r"tokens: expected numbers, got text \('apple'\)$"):
            trainer.predict([[1, "apple"]])
        with pytest.raises(TypeError, match=r"got text \('a{39}\)$"):
            trainer.predict([["a" * 1000]])
    assert_allclose(*results, rtol=1e-12)
    assert verify(graphc.compile_text(TOKENS).source).holds


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_of_whole_numbers_count_as_memory(dtype: str) -> None:
    compiled = graphc.compile_text(TOKENS, dtype=dtype)
    loaded = compiled.load()
    trainer = loaded.Trainer()
    arrays = [one for one in vars(loaded.Buffers(3)).values() if isinstance(one, np.ndarray)]
    assert {one.dtype.name for one in arrays} == {dtype, "int64"}
    kept = [trainer.theta, trainer.gradient, *vars(trainer.state).values()]
    constants = [one for one in vars(loaded).values() if isinstance(one, np.ndarray) and one.ndim]
    total = held([*arrays, *kept]) + sum(one.nbytes for one in constants)
    assert compiled.model.memory(3) == total


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

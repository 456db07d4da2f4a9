"""Masks of attention: what is hidden has no weight and gets no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import graphc
from graphc.verify import verify


def trained(text: str, **settings: Any) -> list[Any]:
    return [
        graphc.compile_text(text, plain=plain, **settings).load().Trainer()
        for plain in (False, True)
    ]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 4), (2, 5), (4, 2), (1, 3), (3, 1)])
def test_a_row_sees_no_column_behind_its_own(shape: tuple[int, ...], dtype: str) -> None:
    text = f"""
        param s : {list(shape)} = normal(1)
        m = causal(s)
        w = softmax(m)
        output m, w
        loss sum(square(m) / 1e18) + sum(square(w))
    """
    rows, columns = shape[-2:]
    seen = [[j <= i + columns - rows for j in range(columns)] for i in range(rows)]
    seen = np.broadcast_to(seen, shape)
    for trainer in trained(text, dtype=dtype):
        s, found = trainer.params["s"], trainer.predict()
        assert found["m"].dtype == dtype
        assert_array_equal(found["m"], np.where(seen, s, np.array(-1e9, dtype)))
        some = seen.any(-1, keepdims=True)
        assert_array_equal(found["w"][~seen & some], 0)
        assert_allclose(found["w"].sum(-1), 1, rtol=1e-6)
        assert_allclose(found["w"][np.broadcast_to(~some, shape)], 1 / columns, rtol=1e-6)
        gradient = trainer.gradients()["s"]
        assert_array_equal(gradient[~seen], 0)
        assert np.isfinite(gradient).all()
    assert verify(graphc.compile_text(text).source).holds


def test_the_size_may_show_only_at_run_time() -> None:
    text = """
        input x : [batch, time, 2]
        param W : [2, 2] = normal(1)
        q = x @ W
        w = softmax(causal(q @ matrix_transpose(x)))
        output w
        loss mean(square(w @ x))
    """
    random = np.random.default_rng(0)
    for trainer in trained(text):
        for time in (1, 2, 6):
            w = trainer.predict(random.random((3, time, 2)))
            assert_array_equal(np.triu(w, 1), 0)
            trainer.step(random.random((3, time, 2)))
    assert verify(graphc.compile_text(text).source).holds


@pytest.mark.parametrize("mask", [(3, 4), (4,), (3, 1), (1, 1), (2, 3, 4), ()])
def test_a_mask_keeps_what_is_not_zero(mask: tuple[int, ...]) -> None:
    text = f"""
        input m : {list(mask)}
        param s : [2, 3, 4] = normal(1)
        y = masked(s, m)
        z = masked(s * 2, m, fill = 0.5)
        output y, z
        loss sum(square(z)) + mean(softmax(y))
    """
    m = np.random.default_rng(0).choice([-1, 0, 0.5, 0, 7], mask)
    for trainer in trained(text, dtype="float64"):
        s, found = trainer.params["s"], trainer.predict(m)
        kept = np.broadcast_to(m != 0, s.shape)
        assert_array_equal(found["y"], np.where(kept, s, -1e9))
        assert_array_equal(found["z"], np.where(kept, 2 * s, 0.5))
        gradient = trainer.gradients(m)["s"]
        assert_allclose(gradient, np.where(kept, 8 * s, 0), atol=1e-12)
    assert verify(graphc.compile_text(text).source).holds


def test_a_mask_gets_no_gradient() -> None:
    text = """
        param m : [3] = [0, 1, 2]
        param s : [3] = [4, 5, 6]
        loss sum(masked(s * m, m))
    """
    for trainer in trained(text):
        found = trainer.gradients()
        assert_array_equal(found["s"], [0, 1, 2])
        assert_array_equal(found["m"], [0, 5, 6])


def test_a_row_that_is_masked_as_a_whole_has_no_nan() -> None:
    text = """
        input m : [batch, 3]
        param s : [3] = [1, 2, 3]
        w = softmax(masked(broadcast(s, [batch, 3]), m))
        output w
        loss sum(square(w))
    """
    for trainer in trained(text):
        m = np.array([[0, 0, 0], [1, 0, 0]])
        assert_allclose(trainer.predict(m), [[1 / 3] * 3, [1, 0, 0]], rtol=1e-6)
        assert_array_equal(trainer.gradients(m)["s"], 0)

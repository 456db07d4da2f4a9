"""What a step allocates and what it says it needs, and in which forms data may come."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from systems import EXAMPLES, held, random_data

import graphc
from graphc.model import at

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.nn"))
SCRATCH = 3 * 8192 * 8  # what NumPy itself takes for a moment, to cast or to stretch, at most


def example(name: str, **settings: Any) -> tuple[Any, Any]:
    compiled = graphc.compile_file(EXAMPLES / f"{name}.nn", **settings)
    return compiled.model, compiled.load()


@pytest.mark.parametrize("name", ["digits", "columns", "momentum"])
def test_a_steady_step_allocates_scalars_only(name: str) -> None:
    model, module = example(name)
    trainer, rows = module.Trainer(), 20_000
    data = {
        key: one if one.dtype == np.int64 else one.astype(np.float32)
        for key, one in random_data(model, rows).items()
    }
    for _ in range(3):
        trainer.step(**data)
    tracemalloc.start()
    try:
        trainer.step(**data)
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        trainer.step(**data)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 200
    assert peak - before < SCRATCH < 4 * rows * 10


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_memory_is_what_the_arrays_hold(name: str, dtype: str) -> None:
    model, module = example(name, dtype=dtype)
    trainer, rows = module.Trainer(), 7
    sizes = [rows] * ("batch" in str(model.data))
    arrays = [trainer.theta, trainer.gradient, *vars(trainer.state).values()]
    assert model.held == held(arrays)
    assert model.memory(rows) == held(arrays) + held(vars(module.Buffers(*sizes)).values())
    assert at(model.prediction, rows) == held(vars(module.EvaluationBuffers(*sizes)).values())


def columns_first(array: Any) -> Any:
    return np.asfortranarray(array)


def with_gaps(array: Any) -> Any:
    return np.repeat(array, 2, axis=-1)[..., ::2]


def backwards(array: Any) -> Any:
    return array[::-1].copy()[::-1]


def read_only(array: Any) -> Any:
    array = array.copy()
    array.flags.writeable = False
    return array


def other_byte_order(array: Any) -> Any:
    return array.astype(array.dtype.newbyteorder())


def double(array: Any) -> Any:
    return array.astype(np.float64)


def lists(array: Any) -> Any:
    return array.tolist()


FORMS = [columns_first, with_gaps, backwards, read_only, other_byte_order, double, lists]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize("name", ["digits", "columns", "iris"])
def test_data_in_any_form_give_the_same(name: str, form: Callable[[Any], Any]) -> None:
    model, module = example(name)
    data = {
        key: one if one.dtype == np.int64 else one.astype(np.float32)
        for key, one in random_data(model, 6).items()
    }
    other = {key: form(one) for key, one in data.items()}
    kept = {key: np.array(one) for key, one in other.items()}
    plain, formed = module.Trainer(), module.Trainer()
    for trainer, given in ((plain, data), (formed, other)):
        for _ in range(2):
            trainer.step(**given)
        trainer.fit(**given, epochs=2, batch_size=4)
        trainer.loss(**given)
    # a matrix product may add up in another order where rows are not side by side
    np.testing.assert_allclose(formed.theta, plain.theta, rtol=1e-5, atol=1e-6)
    for key, one in other.items():
        assert_array_equal(np.asarray(one), kept[key])


def test_outputs_that_are_data_or_views_are_the_callers_own() -> None:
    text = """
        input x : [batch, 2]
        param W : [2, 2] = 1
        p = x @ W
        same = x
        turned = p.T
        flat = reshape(p, [-1])
        number = sum(W)
        output p, same, turned, flat, number
        loss sum(p) + number
    """
    for plain in (False, True):
        trainer = graphc.compile_text(text, plain=plain).load().Trainer()
        x = np.ones((3, 2), np.float32)
        first = trainer.predict(x)
        before = {name: value.copy() for name, value in first.items()}
        for value in first.values():
            assert isinstance(value, np.ndarray)
            assert value.dtype == np.float32
            value[...] = 7
        again = trainer.predict(x)
        for name, value in again.items():
            assert_array_equal(value, before[name])
        assert_array_equal(x, 1)
        assert_array_equal(trainer.theta, 1)

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
        for _ in range(4):
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
    assert at(model.step, rows) == held(vars(module.Buffers(*sizes)).values())
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


def peak(call: Callable[[], object]) -> int:
    """The most bytes that are held at any time in a call, beside those held before it."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "rows"), [("digits", 30_000), ("columns", 300_000), ("cnn", 300), ("alice", 40)]
)
def test_the_peak_of_a_step_is_foretold(name: str, rows: int) -> None:
    model, module = example(name)
    data = {
        key: one if one.dtype == np.int64 else one.astype(np.float32)
        for key, one in random_data(model, rows).items()
    }
    inputs = {key: one for key, one in data.items() if module.DATA[key][0] == "input"}
    found = peak(lambda: module.Trainer().step(**data))
    assert found == pytest.approx(model.memory(rows), rel=0.01)
    trainer = module.Trainer()
    returned = sum(one.nbytes for one in np.atleast_1d(trainer.predict(**inputs)))
    fresh = module.Trainer()
    found = peak(lambda: fresh.predict(**inputs))
    expected = at(model.prediction, rows) + max(at(model.copies[1], rows), returned)
    assert found == pytest.approx(expected, rel=0.01)
    assert at(model.prediction, rows) < at(model.step, rows) * 0.75


TURNED = """
input x : [batch, 64]
param W : [64, 32] = normal
h = x @ W
output h
loss LOSS / batch
"""


@pytest.mark.parametrize("loss", ["sum(square(h.T))", "sum(h.T * reshape(h, [32, batch]))"])
def test_a_sum_over_a_transpose_takes_what_is_foretold(loss: str) -> None:
    compiled = graphc.compile_text(TURNED.replace("LOSS", loss))
    trainer, rows = compiled.load().Trainer(), 20_000
    x = np.ones((rows, 64), np.float32)
    found = peak(lambda: trainer.step(x)) + compiled.model.held
    assert found == pytest.approx(compiled.model.memory(rows), rel=0.01)


@pytest.mark.parametrize("classes", [200, 1000])
def test_a_modules_constants_are_foretold(classes: int) -> None:
    text = f"input x : [batch, 8]\ntarget y : int[batch]\np = x |> dense({classes})\n"
    compiled = graphc.compile_text(f"{text}output p\nloss cross_entropy(p, y)")
    found = [one for one in vars(compiled.load()).values() if isinstance(one, np.ndarray)]
    kept = sum(one.nbytes for one in found if one.ndim)
    assert kept == compiled.model.constants < 300_000


def test_a_prediction_of_a_deep_net_holds_two_layers() -> None:
    layers = "\n".join(f"h{i + 1} = relu(h{i} @ W{i})" for i in range(20))
    weights = "\n".join(f"param W{i} : [32, 32] = he_normal" for i in range(20))
    text = f"input h0 : [batch, 32]\n{weights}\n{layers}\noutput h20\nloss mean(h20 * h20)"
    model = graphc.compile_text(text).model
    row = 32 * 4
    assert at(model.prediction, 1000) < 3.1 * row * 1000
    assert 20 * row * 1000 < at(model.step, 1000) < 24 * row * 1000

"""`graphc bench`: every statement has its time, all add up to a step, the bytes are NumPy's."""

from __future__ import annotations

import gc
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from systems import EXAMPLES, held
from test_modes import BOTH

import graphc
from graphc.bench import Bench, Cannot, NotAModule, bench
from graphc.bench.clocks import UNPACKING, Twin
from graphc.bench.measure import Meter
from graphc.bench.products import Products, is_product
from graphc.data import CallError
from graphc.verify.module import Module

LAYERS = """
    input x : [batch, 2]
    target y : [batch, 1]
    p = x |> dense(3) |> tanh |> dense(1)
    output p
    loss mse(p, y)
"""
TEXTS = {
    "modes": BOTH,
    "adamw": LAYERS + "optimizer adamw(weight_decay = 0.01 * matrices, clip_norm = 1)",
    "lion": LAYERS + "optimizer lion(learning_rate = 0.001)",
    "times": "input x : [batch, time, 2]\nparam W : [2, 2] = 1\noutput h\nh = x @ W\nloss mean(h)",
}
MODELS = ["xor", "digits", "momentum", "circuit", *TEXTS]


@cache
def source(name: str, plain: bool = False) -> str:
    if name in TEXTS:
        return graphc.compile_text(TEXTS[name], f"{name}.nn", plain=plain).source
    return graphc.compile_file(EXAMPLES / f"{name}.nn", plain=plain).source


@cache
def measured(name: str, plain: bool = False) -> Bench:
    return bench(source(name, plain), seconds=0)


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_every_statement_is_there_once(name: str, plain: bool) -> None:
    listed = [
        (one.site.function, one.site.line, one.site.text)
        for one in measured(name, plain).statements
        if one.site.function != "step" and one.site.text != UNPACKING
    ]
    lines = source(name, plain).split("\n")
    module = Module(source(name, plain), 0)
    functions = {**module.functions, "update": module.update}
    expected = [
        (function, one.line)
        for function, statements in functions.items()
        for one in statements
        if one.meaning is not None or lines[one.line - 1].startswith("    buf.")
    ]
    assert [(function, line) for function, line, _ in listed] == expected
    for _, line, text in listed:
        assert lines[line - 1].strip().startswith(text)


@pytest.mark.parametrize("name", MODELS)
def test_the_statements_of_a_step_and_the_rest_are_the_step(name: str) -> None:
    found = measured(name)
    assert all(one.microseconds >= 0 <= one.allocated for one in found.statements)
    inside = [one for one in found.statements if one.share is not None]
    assert sum(one.share or 0 for one in inside) + found.rest / found.whole == pytest.approx(1)
    assert found.rest >= 0
    assert found.whole >= found.step.microseconds * (1 - 1e-9)
    assert 0 < found.step.low <= found.step.microseconds <= found.step.high
    assert {one.site.function for one in inside} >= {"forward", "loss", "backward", "update"}


def test_what_a_step_does_without_has_no_share_of_it() -> None:
    outside = {
        name: {one.site.function for one in measured(name).statements if one.share is None}
        for name in MODELS
    }
    assert outside["digits"] == {"outputs"}
    assert outside["modes"] == {"evaluate", "evaluation_outputs", "evaluation_loss"}
    assert outside["circuit"] == set()


@pytest.mark.parametrize("name", MODELS)
def test_the_bytes_are_those_of_the_arrays(name: str) -> None:
    found, module = measured(name), Module(source(name), 0)
    trainer = module.loaded.Trainer()
    for kind, purpose in (("Buffers", "step"), ("EvaluationBuffers", "evaluation")):
        if hasattr(module.loaded, kind):
            made = vars(getattr(module.loaded, kind)(*found.sizes.values()))
            assert found.bytes[purpose] == held(made.values())
    assert found.bytes["parameters"] == found.bytes["gradient"] == held([trainer.theta])
    assert found.bytes["optimizer"] == held(vars(trainer.state).values())


def test_the_bytes_are_those_that_the_compiler_foretells() -> None:
    for name, text in TEXTS.items():
        foretold = graphc.compile_text(text).model.memory(32)
        kinds = ("step", "parameters", "gradient", "optimizer", "constants")
        if name != "times":  # where the compiler counts the other size as 1
            assert sum(measured(name).bytes.get(kind, 0) for kind in kinds) == foretold


def test_a_statement_that_takes_memory_is_told() -> None:
    text = source("digits").replace(
        "    maximum(h1, zeros, out=h1) ", "    h1[...] = maximum(h1, 0) "
    )
    assert text != source("digits")
    found = bench(text, batch_size=3000, seconds=0)
    most = max(found.statements, key=lambda one: one.allocated)
    assert most.site.text == "h1[...] = maximum(h1, 0)"
    assert found.allocated > most.allocated * 0.9 > 3000 * 128 * 4 * 0.9
    assert found.kept < 1000


def test_sizes_are_those_of_the_model_unless_they_are_given() -> None:
    assert measured("digits").sizes == {"batch": 32}
    assert measured("circuit").sizes == {}
    assert measured("times").sizes == {"batch": 32, "time": 3}
    assert bench(source("digits"), batch_size=3, seconds=0).sizes == {"batch": 3}
    with pytest.raises(CallError, match="batch"):
        bench(source("circuit"), batch_size=3, seconds=0)


def test_the_products_are_those_of_the_model() -> None:
    counts = {name: measured(name).product_count for name in MODELS}
    assert counts["digits"] == 8  # three layers, each three, but no gradient of the data
    assert counts["xor"] == 5
    assert measured("digits", plain=True).product_count == 8
    assert counts["circuit"] == 0
    assert measured("circuit").products is None
    assert measured("xor").products is not None


def test_a_sum_that_runs_as_a_product_is_none_of_the_models() -> None:
    text = source("xor")
    sums = [one for one in Module(text, 0).functions["backward"] if "ones.dot(" in one.text]
    assert len(sums) == 2
    assert not any(map(is_product, sums))


def test_the_products_compute_what_they_do_in_a_step_again_and_again() -> None:
    module = Module(source("momentum"), 0)
    trainer = module.loaded.Trainer()
    products = Products(module, trainer)
    for _ in range(3):
        products.restore()
        products()
        found = [array.copy() for array, _ in products.kept]
    products.restore()
    products()
    for array, before in zip(products.kept, found, strict=True):
        assert_array_equal(array[0], before)
    assert trainer._grads.W3.any()


@pytest.mark.parametrize("name", ["digits", "modes", "adamw"])
def test_clocks_change_nothing_that_a_step_computes(name: str) -> None:
    module = Module(source(name), 0)
    data = list(module.arguments(module.loaded.DTYPE).values())
    trainer, other = module.loaded.Trainer(), module.loaded.Trainer()
    twin = Twin(module, other)
    for _ in range(3):
        assert trainer.step(*data) == twin.trainer.step(*data)
    assert_array_equal(trainer.theta, other.theta)
    assert trainer.steps == other.steps == 3


def test_a_statement_in_a_loop_is_timed_as_often_as_it_runs() -> None:
    line = "    multiply(gradient, half, out=s1)"
    text = source("xor").replace(line, f"    for part in range(3):\n    {line}")
    module = Module(text, 0)
    meter = Meter(module)
    meter.run(0)
    places = {site.text: place for place, site in enumerate(meter.twin.clocks.sites)}
    assert meter.ran["step"][places["multiply(gradient, half, out=s1)"]] == 3
    assert meter.ran["step"][places["subtract(theta, s1, out=theta)"]] == 1


def test_a_step_that_soon_diverges_is_measured_from_the_start() -> None:
    text = """
        input x : [batch, 2]
        param W : [2, 2] = 1
        loss mean((x @ W) ** 2)
        optimizer sgd(learning_rate = 1e15)
    """
    trainer: Any = graphc.compile_text(text).load().Trainer()
    with pytest.raises(FloatingPointError):
        trainer.fit(np.ones((32, 2)), epochs=20)
    found = bench(graphc.compile_text(text).source, seconds=0)
    assert found.step.runs >= 3
    assert {one.site.function for one in found.statements} == {"loss", "backward", "update", "step"}


def test_a_step_that_fails_is_told() -> None:
    failing = "input x : [batch, 2]\nparam W : [2, 2] = 1\nloss mean(log(-1 - (x @ W) ** 2))"
    with pytest.raises(Cannot, match="the loss is nan"):
        bench(graphc.compile_text(failing).source, seconds=0)
    with pytest.raises(Cannot, match="W9"):
        bench(source("xor").replace("x.dot(W1, out=h)", "x.dot(W9, out=h)"), seconds=0)
    with pytest.raises(NotAModule):
        bench("x = 1\n", seconds=0)


def test_the_collector_is_as_it_was() -> None:
    for wanted in (gc.disable, gc.enable):
        wanted()
        before = gc.isenabled()
        bench(source("xor"), seconds=0)
        assert gc.isenabled() == before

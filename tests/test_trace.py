"""`graphc trace`: the numbers are the textbook's, and those of the emitted module."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from derivations import MODELS
from traces import DROPOUT, EXAMPLES, FANNED, FILES, data_of, model, run, trace_of

import graphc
from graphc.compiled import Compiled
from graphc.opening import opened
from graphc.source import Source
from graphc.traced.example import Example
from graphc.traced.trace import Trace

CIRCUIT = """\
circuit.nn: one example forward and back. A gradient tells how fast the loss g
grows where the value beside it does.

line             value  gradient
   9  x              3  -4  from f
  10  y             -4  3  from f
  11  z              2  1  from g
  13  f = x * y    -12  1  from g
  14  g = f + z    -10  1
"""


def test_the_circuit_is_the_figure_of_the_textbook() -> None:
    assert run(EXAMPLES / "circuit.nn").output == CIRCUIT


def agrees(compiled: Compiled, one: Example, found: Trace, tolerance: float = 1e-4) -> None:
    """The trace's loss and gradients of parameters against those of the module."""
    trainer = copy.deepcopy(one.trainer)
    value, gradient = trainer.loss_and_gradient(*one.arrays.values())
    loss = found.gates[found.loss].value
    assert np.allclose(loss, value, rtol=tolerance)
    largest = float(abs(gradient).max())
    named = {gate.name: gate for gate in found.gates.values() if gate.kind == "param"}
    trained = [each.name for each in compiled.model.parameters if not each.frozen]
    for name in trained:
        exact = gradient[one.module.PLACES[name]].reshape(one.module.PARAMETERS[name])
        own = named[name].gradient
        assert own is not None or not exact.any(), name
        if own is not None:
            assert np.allclose(own, exact, rtol=tolerance, atol=tolerance * largest), name
    assert trained


def outputs(one: Example, found: Trace) -> None:
    """The trace's outputs against what the module predicts, where training computes the same."""
    inputs = [name for name, (kind, *_) in one.module.DATA.items() if kind == "input"]
    predicted = one.trainer.predict(*(one.arrays[name] for name in inputs))
    if not isinstance(predicted, dict):
        predicted = {one.module.OUTPUTS[0]: predicted}
    for name, value in predicted.items():
        gate = found.gates[found.graph.outputs[name]]
        assert np.allclose(gate.value, value, rtol=1e-4, atol=1e-5), name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_numbers_of_the_examples_are_those_of_the_module(file: Path) -> None:
    data = data_of(file)
    compiled, one, found = trace_of(opened(file), data=data, rows=(2,) if data else ())
    agrees(compiled, one, found)
    if not hasattr(one.module, "evaluate"):
        outputs(one, found)


@pytest.mark.parametrize("text", [*MODELS.values(), DROPOUT], ids=[*MODELS, "dropout"])
def test_the_numbers_of_other_models_are_those_of_the_module(text: str) -> None:
    source = Source(f"dtype float64\n{text}", "model.nn")
    compiled, one, found = trace_of(source, values=_random(text), seed=5)
    agrees(compiled, one, found, 1e-9)


def _random(text: str) -> dict[str, str]:
    """Values for all data of a model: two rows of it."""
    random, found = np.random.default_rng(1), {}
    for name, (_, _, shape, classes) in graphc.compile_text(text).load().DATA.items():
        size = [2 if isinstance(each, str) else each for each in shape]
        low = random.uniform(0.1, 0.9, size)
        array = low if classes is None else random.integers(0, classes, size)
        found[name] = str(array.tolist())
    return found


def test_a_row_is_that_of_the_file() -> None:
    seed = EXAMPLES / "seed.nn"
    rows = np.loadtxt(EXAMPLES / "seed.csv", delimiter=",", skiprows=1)
    for row in (1, 4, len(rows)):
        _, one, found = trace_of(opened(seed), data=EXAMPLES / "seed.csv", rows=(row,))
        assert found.gates[next(iter(found.gates))].value.tolist() == [rows[row - 1][:3].tolist()]
        assert one.sizes == {"batch": 1}


def test_rows_make_a_batch() -> None:
    file = EXAMPLES / "seed.nn"
    rows = np.loadtxt(EXAMPLES / "seed.csv", delimiter=",", skiprows=1)
    compiled, one, found = trace_of(opened(file), data=EXAMPLES / "seed.csv", rows=(5, 2))
    assert found.gates[next(iter(found.gates))].value.tolist() == rows[[4, 1], :3].tolist()
    assert one.sizes == {"batch": 2}
    agrees(compiled, one, found)


def test_parameters_are_those_that_were_saved(tmp_path: Path) -> None:
    file = EXAMPLES / "xor.nn"
    trainer = graphc.compile_file(file).load().Trainer(seed=9)
    table = np.loadtxt(EXAMPLES / "xor.csv", delimiter=",", skiprows=1)
    trainer.fit(table[:, :2], table[:, 2:], epochs=3)
    trainer.save(tmp_path / "p.npz")
    _, _, found = trace_of(opened(file), data=EXAMPLES / "xor.csv", params=tmp_path / "p.npz")
    named = {gate.name: gate for gate in found.gates.values()}
    assert np.array_equal(named["W1"].value, trainer.params["W1"].astype(float))


def test_gradients_that_fan_in_are_kept_apart() -> None:
    found = model(FANNED)
    named = {gate.name: gate for gate in found.gates.values() if gate.name}
    # a = 2, b = 3, c = 6, d = 8, loss = c * d - c: dd = c = 6, dc = d + dd - 1 = 13
    assert named["c"].gradient == 13
    sent = {reader.title: float(part) for reader, part in found.sources(named["c"])}
    assert sent == {"d": 6, "c * d": 8, "loss": -1}
    assert named["a"].gradient == 13 * 3 + 6
    for gate in found.gates.values():
        if gate.parts:
            total: Any = sum(part.value for part in gate.parts)
            assert np.allclose(total, gate.gradient)


def test_every_operation_is_a_gate_also_without_a_name() -> None:
    titles = [gate.title for gate in model(FANNED).gates.values()]
    assert titles == ["a", "b", "c", "d", "c * d", "loss"]
    found = trace_of(opened(EXAMPLES / "seed.nn"), values={"x": "[1, 0, 1]", "a": "1"})[2]
    assert {"x @ W1", "error(p, a)"} <= {gate.title for gate in found.gates.values()}


def test_a_sum_is_told_with_its_parts_and_its_formula(tmp_path: Path) -> None:
    file = tmp_path / "fan.nn"
    file.write_text(FANNED)
    told = run(file, "c").output
    assert told.splitlines()[3:] == [
        "line             value  gradient",
        "   4  c = a * b      6  13",
        "                        = -1  from loss",
        "                        + 8  from c * d",
        "                        + 6  from d",
        "      dc = -1 + d + dd",
    ]


def test_a_reader_that_reads_twice_is_told_twice(tmp_path: Path) -> None:
    file = tmp_path / "square.nn"
    file.write_text("param x : [] = 3\nloss x * x\n")
    assert run(file, "x").output.splitlines()[4:] == [
        "   1  x      3  6",
        "                = 3  from loss",
        "                + 3  from loss",
        "      dx = x + x",
    ]


def test_readers_that_are_called_alike_are_told_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "twice.nn"
    file.write_text("param a : [] = 2\nb = exp(a * a)\nc = sin(a * a)\nloss b * c\n")
    told = run(file, "a").output
    assert re.search(r"= \S+\s+from a \* a, line 3\n", told)
    assert re.search(r"[+-] \S+\s+from a \* a, line 2\n", told)

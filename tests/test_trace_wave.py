"""The wave of `graphc trace`: at which line each value and each gradient is known."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from traces import FANNED, FILES, NEURON, data_of, trace_of, waves

from graphc.opening import opened
from graphc.source import Source
from graphc.traced.trace import Trace
from graphc.traced.wave import Moment
from graphc.traced.written import trials
from graphc.verify.module import Module

every = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


@cache
def wave(file: Path) -> tuple[Trace, list[Moment]]:
    """A trace of an example, and the moments of the module that was compiled from it."""
    return waves(opened(file), data_of(file))


@every
def test_every_line_forward_and_back_lights_a_gate(file: Path) -> None:
    _, found = wave(file)
    for one in found:
        if one.ran is not None:
            assert one.gates, (one.function, one.ran.meaning)


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two arrays hold the same numbers, as a module in float32 computes them."""
    large = float(abs(other).max(initial=0))
    one = np.asarray(one, np.float64).reshape(-1)
    near = max(1e-4 * large, 1e-7)  # what is nothing but rounding
    return one.size == other.size and np.allclose(one, other.reshape(-1), 1e-3, near)


@every
def test_a_line_that_makes_a_named_value_known_has_written_it(file: Path) -> None:
    trace, found = wave(file)
    seen = 0
    for one in found:
        if one.ran is None:
            continue
        for key in one.gradients:
            gate = trace.gates[key]
            if gate.kind == "param":
                assert gate.gradient is not None
                assert alike(one.ran.value, gate.gradient), gate.title
                seen += 1
        for key in one.values:
            gate = trace.gates[key]
            if gate.name == one.ran.name and gate.kind == "step":
                assert alike(one.ran.value, gate.value), gate.title
                seen += 1
    assert seen >= 2


@every
def test_a_gradient_is_not_shown_before_a_line_has_written_it(file: Path) -> None:
    trace, found = wave(file)
    written: list[np.ndarray] = []
    implied = 0
    for one in found:
        written += [one.ran.value] if one.ran is not None and one.function != "update" else []
        for key in one.gradients:
            gradient = trace.gates[key].gradient
            assert gradient is not None
            near = (np.sort(each, None) for each in written if each.size == gradient.size)
            told = key in one.implied or any(alike(each, np.sort(gradient, None)) for each in near)
            assert told, trace.gates[key].title
        untold = (np.ptp(trace.gates[key].gradient) for key in one.implied)
        implied += sum(map(bool, untold))
    assert implied <= 1  # beside those like the 1 of the loss, that nothing computes


LATE = """\
dtype float64
const x = [1, 2]
param w : [2] = [0.5, -0.25]
param b : [] = 0
z = x @ w + b
p = sigmoid(z)
output p
loss bce_with_logits(z, 1)
"""
SQUARE = "const x = 2\nparam w : [] = 1\np = w * x\nloss (p - 6) ** 2\n"


def shown(text: str) -> dict[str, list[str]]:
    """The titles of the gradients that each line on the way back makes known."""
    trace, found = waves(Source(text, "model.nn"))
    back = [one for one in found if one.function == "backward"]
    return {
        one.ran.meaning if one.ran is not None else "": [trace.gates[key].title for key in keys]
        for one in back
        if (keys := one.gradients)
    }


def test_equal_gradients_are_shown_at_the_line_that_computes_them() -> None:
    assert shown(NEURON) == {
        "": ["loss", "w * w", "z * z"],
        "db = z + z": ["z", "w * x", "b"],
        "dw = s4 + s5": ["w"],
        "dx = db * w": ["x"],
    }


def lit(text: str) -> dict[str, list[str]]:
    """What is lit at each line, by its meaning."""
    trace, found = waves(Source(text, "model.nn"))
    return {
        one.ran.meaning: [trace.gates[key].title for key in one.gates]
        for one in found
        if one.ran is not None and one.function != "update"
    }


def test_a_sum_of_gradients_lights_all_that_send_a_part() -> None:
    assert {*lit(NEURON)["dw = s4 + s5"]} >= {"w * x", "w * w"}


def test_a_line_lights_what_it_makes_known() -> None:
    text = """
    param w : [3] = [1, 2, 3]
    loss mean(square(w - 5))
    """
    assert {*lit(text)["loss = s2 / 3"]} == {"loss", "square(w - 5)"}


def test_a_gradient_waits_for_values_that_are_computed_late() -> None:
    back = shown(LATE)
    assert back["db = p - 1"] == ["z", "x @ w", "b"]
    assert "z" not in back[""]


def test_a_gradient_that_is_part_of_a_formula_is_shown_with_it() -> None:
    assert shown(SQUARE) == {"": ["loss"], "dw = s1 * 4": ["p - 6", "p", "w"]}


def test_a_line_that_writes_a_part_of_a_sum_says_so() -> None:
    trace, found = waves(Source(FANNED, "model.nn"))
    gates = trace.gates
    told = {
        one.ran.meaning: [(gates[share.gate].title, len(share.readers)) for share in one.shares]
        for one in found
        if one.ran is not None and one.shares
    }
    assert told == {"s2 = d + -1": [("c", 2)], "s3 = dc * b": [("a", 1)]}


def test_lines_are_told_apart_by_an_example_with_other_labels_and_numbers() -> None:
    text = "input x : [batch, 2]\ntarget y : int[batch]\nloss cross_entropy(dense(x, 3), y)\n"
    stages: dict[str, Any] = {}
    given = {"x": "[[1, 2], [0, 0], [-3, 4], [0, 5]]", "y": "[0, 1, 2, 0]"}
    compiled, one, found = trace_of(Source(text, "model.nn"), stages.__setitem__, values=given)
    pair = trials(found, Module(compiled.source, 0), stages["plan"][0], one)
    for name in ("x", "y"):
        first, other = (
            next(gate.value for gate in trial.trace.gates.values() if gate.name == name)
            for trial in pair
        )
        assert np.all(first != other), name


@every
def test_the_wave_goes_forward_and_then_back(file: Path) -> None:
    trace, found = wave(file)
    values = {key: at for at, one in enumerate(found) for key in one.values}
    gradients = {key: at for at, one in enumerate(found) for key in one.gradients}
    assert values.keys() == trace.gates.keys()
    for key, gate in trace.gates.items():
        assert (key in gradients) == (gate.gradient is not None)
        if key in gradients:
            # never before what sends it
            assert all(gradients[part.reader] <= gradients[key] for part in gate.parts)
    for node in trace.graph.nodes:
        made_of = [values[key] for key in node.operands if key in values]
        assert node.key not in values or max(made_of, default=0) <= values[node.key]
    turn = next(at for at, one in enumerate(found) if one.function == "backward")
    assert all(at >= turn for at in gradients.values())

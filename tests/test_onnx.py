"""The operator tests of the ONNX project: every vector that graphc can say gives ONNX's numbers.

They need the package `onnx`, which only the extra of that name installs.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from onnx_operators import OPERATORS
from onnx_vectors import Body, LeftOut, Vector, cases, operator, refuse, vector

import graphc

onnx = pytest.importorskip("onnx")

TOLERANCE = {"float32": {"rtol": 1e-5, "atol": 1e-6}, "float64": {"rtol": 1e-12, "atol": 1e-12}}
KINDS = {"x": "input {} : {}", "i": "input {} : int{}", "p": "param {} : {} = zeros frozen"}

# the rule of graphc, or of this file, and its states in ONNX's order
OPTIMIZERS = {
    "Adagrad": (
        "adagrad({rate}, {decay_factor}, {epsilon}, weight_decay = {norm_coefficient})",
        ("s",),
    ),
    "Adam": ("adam_of_onnx({rate}, {alpha}, {beta}, {epsilon}, {norm_coefficient})", ("v", "h")),
    "Momentum": (
        "sgd({rate}, momentum = {alpha}, nesterov = {mode}, weight_decay = {norm_coefficient})",
        ("v",),
    ),
}
# before the first step there is no bias to correct, says ONNX, and epsilon is added to the root
ADAM = """
update adam_of_onnx(rate, alpha, beta, epsilon, weight_decay) {
    state v = 0
    state h = 0
    g = gradient + weight_decay * parameter
    v' = alpha * v + (1 - alpha) * g
    h' = beta * h + (1 - beta) * square(g)
    parameter' = parameter - rate * v' / (sqrt(h') + epsilon)
}
"""

LEFT_OUT = {
    "a class number outside the classes": 11,
    "a row hidden as a whole: 0 there, the mean here": 5,
    "a slice that runs backwards": 1,
    "a whole number below 0 as an index": 1,
    "an operator that is not in the table": 750,
    "arrays without elements": 13,
    "attention to a padded cache of keys": 9,
    "dilated windows": 2,
    "dropout in training: other random numbers": 4,
    "floats of 16 bits or less": 16,
    "hidden scores shown: -inf there, -1e9 here": 2,
    "padding of more than half a window": 3,
    "padding of two widths along one axis": 4,
    "sequences and optional values": 2,
    "texts": 2,
    "the mask of a dropout": 3,
    "the places of the largest": 2,
    "whole numbers and truth values alone": 51,
    "windows that are not of two axes": 12,
    "windows that stand over the edge": 4,
    "written out in other operators": 480,
}


@cache
def counterpart(name: str) -> tuple[Vector, Body | None]:
    """A vector and its model, which only optimizers have none of; raises LeftOut."""
    case = cases()[name]
    refuse(name.endswith("_expanded") or "_expanded_ver" in name, "written out in other operators")
    known = OPERATORS.keys() | OPTIMIZERS
    refuse(operator(case) not in known, "an operator that is not in the table")
    found = vector(case)
    if found.operator in OPTIMIZERS:
        return found, None
    rule = OPERATORS[found.operator]
    said = rule.format(**found.attributes) if isinstance(rule, str) else rule(found)
    return found, said if isinstance(said, Body) else Body((said,))


def reason(name: str) -> str:
    """Why a vector is left out; nothing if it is not."""
    try:
        counterpart(name)
    except LeftOut as why:
        return str(why)
    return ""


APPLYING = [name for name in cases() if not reason(name)]


def named(name: str) -> str:
    return name.removeprefix("test_")


def trainer(vector: Vector, body: Body, loss: str) -> tuple[Any, dict[str, Any]]:
    """The compiled model of a vector, and its data."""
    said = "\n".join([body.lines, *(f"y{n} = {one}" for n, one in enumerate(body.outputs, 1))])
    used = sorted(set(re.findall(r"\b([xip])(\d)\b", said)), key=lambda use: int(use[1]))
    floats = (one.dtype for one in vector.inputs if one is not None and one.dtype.kind == "f")
    lines = [f"dtype {next(floats)}"]
    lines += [KINDS[kind].format(kind + n, list(vector.shape(int(n)))) for kind, n in used]
    outputs = ", ".join(f"y{n + 1}" for n in range(len(body.outputs)))
    lines += [said, "param unused = 1", f"output {outputs}", f"loss {loss} * unused"]
    made = graphc.compile_text("\n".join(lines)).load().Trainer()
    for kind, n in used:
        if kind == "p":
            made.params[f"p{n}"][...] = vector.inputs[int(n) - 1]
    return made, {kind + n: vector.inputs[int(n) - 1] for kind, n in used if kind != "p"}


def assert_agrees(found: Any, expected: Any) -> None:
    """The same shape, and close to ONNX's numbers, in whose dtype the model was compiled."""
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype or expected.dtype.kind != "f"
    assert_allclose(found, expected, **TOLERANCE[str(found.dtype)])


@pytest.mark.parametrize("name", APPLYING, ids=named)
def test_what_comes_out_is_what_onnx_says(name: str) -> None:
    vector, body = counterpart(name)
    if body is None:
        check_update(vector)
    elif vector.attributes.get("training_mode"):
        check_training(vector, body)
    else:
        made, data = trainer(vector, body, "sum(y1)")
        found = made.predict(**data)
        outputs = found.values() if isinstance(found, dict) else [found]
        expected = [one for one in vector.outputs if one is not None]
        for one, wanted in zip(outputs, expected, strict=True):
            assert_agrees(one, wanted)


def check_training(vector: Vector, body: Body) -> None:
    """Batch normalisation: the loss of a step compares the output, which `predict` never shows."""
    y, mean, variance = vector.outputs
    made, data = trainer(vector, Body(body.outputs, f"target R : {list(y.shape)}"), "sse(y1, R)")
    assert made.step(**data, R=y) < y.size * TOLERANCE["float32"]["atol"] ** 2
    assert_agrees(made.params["p4"], mean)
    # the variance that runs is ONNX's biased one there, PyTorch's unbiased one here
    count = y.size / y.shape[1]
    before = vector.attributes["momentum"] * vector.inputs[4]
    unbiased = before + (variance - before) * count / (count - 1)
    assert_agrees(made.params["p5"], unbiased.astype(variance.dtype))


def check_update(vector: Vector) -> None:
    """One step of an optimizer, from the states and the gradients given."""
    rate, steps, *arrays = vector.inputs
    text, states = OPTIMIZERS[vector.operator]
    at = vector.attributes | {"rate": rate, "mode": vector.attributes.get("mode") == "nesterov"}
    assert steps == 0  # where ONNX neither corrects a bias nor weighs the gradient by `beta`
    count = len(arrays) // (2 + len(states))
    values, gradient, *before = (
        np.concatenate(arrays[start : start + count]) for start in range(0, len(arrays), count)
    )
    lines = [f"param a{n} : {list(one.shape)} = zeros" for n, one in enumerate(arrays[:count])]
    loss = " + ".join(f"sum(a{n})" for n in range(count))
    rule = text.format(**at).replace("True", "true").replace("False", "false")
    model = "\n".join([*lines, f"loss {loss}", ADAM, f"optimizer {rule}"])
    made = graphc.compile_text(model).load().Trainer()
    made.theta[...] = values
    for state, given in zip(states, before, strict=True):
        getattr(made.state, state)[...] = given
    made.apply(gradient)
    after = [made.theta, *(getattr(made.state, state) for state in states)]
    assert_agrees(np.concatenate(after), np.concatenate(vector.outputs))


def test_every_vector_is_counted() -> None:
    """What is left out is left out for a reason; the numbers are those of this release of ONNX."""
    found = Counter(reason(name) for name in cases())
    applying = found.pop("")
    assert (onnx.__version__, len(cases()), applying) == ("1.23.2", 1884, len(APPLYING))
    assert applying == 507
    assert found == LEFT_OUT


def test_every_line_of_the_tables_is_used() -> None:
    used = {counterpart(name)[0].operator for name in APPLYING}
    assert used == OPERATORS.keys() | OPTIMIZERS

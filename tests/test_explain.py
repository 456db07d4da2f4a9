"""What `graphc explain` tells of a gradient is what is computed, and reads as a derivation."""

from __future__ import annotations

import numpy as np
import pytest
from derivations import CIRCLE, EXAMPLES, MODELS, Calculator, checked, derivation

from graphc.book import book
from graphc.op import Op
from graphc.printing import show
from graphc.rules import Scope, rule_of


@pytest.mark.parametrize("model", MODELS)
def test_the_formulas_give_the_gradient_of_the_module(model: str) -> None:
    checked("\n".join(map(str.strip, MODELS[model].splitlines())))


@pytest.mark.parametrize("name", ["line", "circuit", "xor", "seed"])
def test_so_they_do_for_the_examples(name: str) -> None:
    lines = (EXAMPLES / f"{name}.nn").read_text(encoding="utf-8").splitlines()
    kept = [one for one in lines if not one.startswith(("dtype", "train", "optimizer", "nn"))]
    checked("\n".join(kept))


def steps(name: str, model: str) -> list[str]:
    """The chain to a gradient, a text for each step."""
    one = derivation(model)
    return [f"{step.name} = {show(step.formula)}" for step in one.chain(name)]


def test_a_parameter_is_derived_as_in_a_textbook() -> None:
    assert steps("dW1", CIRCLE) == [
        "dz = (p - y) / batch",
        "dh = dz @ W2.T",
        "u = x @ W1 + b1",
        "du = dh * greater(h, 0)",
        "dW1 = x.T @ du",
    ]
    assert steps("db2", CIRCLE) == ["dz = (p - y) / batch", "db2 = sum(dz, axis = 0)"]


def test_a_constant_stands_under_its_name() -> None:
    model = "const k = 2\nconst one = 1\nparam w = 3\nloss k * w * one + 2 * w"
    assert steps("dw", model) == ["dw = 2 + one * k"]
    assert derivation(model).values["k"].kind == "const"


def test_an_exponent_is_told_as_the_number_that_it_is() -> None:
    model = "const n = 3\nparam w = 2\nloss w ** n + 3 * w"
    assert steps("dw", model) == ["dw = 3 + 3 * w ** 2"]
    assert "greater" not in steps("dw", "const c = 2\nparam w = 2\nloss c ** w")[0]


def test_a_step_never_reads_a_name_that_was_not_told_before() -> None:
    for name, model in MODELS.items():
        one = derivation("\n".join(map(str.strip, model.splitlines())))
        for value in one.parameters:
            met: set[str] = set()
            for step in one.chain(value.gradient):
                assert (step.uses & {*one.steps}) <= met, (name, step.name)
                met.add(step.name)


@pytest.mark.parametrize(
    ("example", "gradient", "formulas"),
    [
        ("line", "dW", ["dprediction = 2 * (prediction - y)", "dW = sum(dprediction * x)"]),
        ("circuit", "dx", ["dg = 1", "df = dg", "dx = df * y"]),
        ("xor", "dW2", ["dz = (p - y) / batch", "dW2 = h.T @ dz"]),
        ("seed", "dW3", ["dp = p - a", "u3 = z @ W3", "du3 = dp * p * (1 - p)", "dW3 = z.T @ du3"]),
        ("cnn", "dlogits.b", ["dlogits = (p - one_hot(y, 10)) / batch"]),
    ],
)
def test_examples_read_as_they_should(example: str, gradient: str, formulas: list[str]) -> None:
    told = steps(gradient, (EXAMPLES / f"{example}.nn").read_text(encoding="utf-8"))
    assert told[: len(formulas)] == formulas


@pytest.mark.parametrize("op", [op for op in book().values() if op.taught], ids=lambda op: op.name)
def test_the_slope_that_is_taught_is_the_one_that_is_computed(op: Op) -> None:
    random = np.random.default_rng(0)
    for sample in op.samples:
        low, high = 0.1, 0.9
        calculator = Calculator({})
        arrays = [random.uniform(low, high, shape) for shape in sample.shapes]
        keys = [calculator.take(array) for array in arrays]
        result = calculator.add(op, keys, sample.attributes)
        slope = calculator.take(random.normal(0, 1, np.shape(calculator[result].array)))
        values = dict(zip(op.names, keys, strict=True)) | {op.result: result}
        values[f"d{op.result}"] = slope
        shapes = tuple(calculator[key].shape for key in keys)
        found = []
        for rule in (op.adjoint, op.taught):
            definitions = rule_of(rule, shapes, sample.attributes)
            scope = Scope(calculator, values, sample.attributes, definitions, "float64")
            found.append([calculator[scope.value(f"d{name}")].array for name in op.names])
        for one, other in zip(*found, strict=True):
            assert np.allclose(one, other, rtol=1e-12, atol=1e-12)

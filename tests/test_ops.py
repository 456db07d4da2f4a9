"""Every operation of the book, on each of its samples and on all the ways in which shapes meet."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from differences import assert_agrees, jacobian
from op_models import USES, Use, is_integer, model, once, tied, values

import graphc
from graphc.book import book
from graphc.constants import namespace
from graphc.dataflow import Leaf, Node
from graphc.dims import Mismatch, shape_of
from graphc.draft import Draft
from graphc.op import Op, Sample, text
from graphc.verify import verify

SHAPES = [(3, 4), (4,), (3, 1), (1, 4), (1, 1), (1,), ()]
OPS = list(book().values())


def samples(ops: list[Op], *, trained: bool = False) -> list[Any]:
    """Every operation with each of its samples; `trained`: those with an operand of numbers."""
    return [
        pytest.param(op.at(len(sample.shapes)), sample, id=f"{op.name}{place}")
        for op in ops
        for place, sample in enumerate(op.samples)
        if not trained or not all(is_integer(op, sample, name) for name in op.names)
    ]


def node(op: Op, sample: Sample) -> Node:
    """The node of the operation on arrays of the sample's shapes; raises Mismatch."""
    draft = Draft()
    leaves = [draft.place(Node(-1, shape_of(*s), leaf=Leaf("input"))) for s in sample.shapes]
    return draft[draft.add(op, leaves, sample.attributes)]


def spelt(op: Op, rule: str, names: dict[str, str], made: Node) -> str:
    shown = {
        name: repr(tuple(dim.known for dim in value)) if name == "shape" else repr(value)
        for name, value in made.attributes.items()
    }
    return rule.format(**names, **shown)


def meant(op: Op, sample: Sample, given: dict[str, Any]) -> Any:
    """What the operation means, by NumPy."""
    made = node(op, sample)
    shapes = tuple(shape_of(*shape) for shape in sample.shapes)
    rule = text(op.meaning, shapes, made.attributes)
    names = {name: name for name in op.names}
    return eval(spelt(op, rule, names, made), {**namespace(op), **given})


def work(op: Op, sample: Sample, dtype: Any = np.float64) -> dict[str, Any]:
    """The arrays that the code of an operation uses beside its operands."""
    made = node(op, sample)
    needs = op.needs(tuple(shape_of(*shape) for shape in sample.shapes), made.attributes)
    return {
        name: np.full(
            [dim.known or 0 for dim in one.shape],
            7 if one.fill is None else one.fill,
            bool if one.dtype == "bool" else dtype,
        )
        for name, one in needs.items()
    }


def check_jacobian(op: Op, sample: Sample, use: Use = once) -> None:
    """The full Jacobian of the compiled operation against central differences."""
    module = model(op, sample, use).load()
    trainer, given = module.Trainer(), values(op, sample, use)
    data = [given[name] for name in op.names if is_integer(op, sample, name)]
    for name, value in given.items():
        if name in trainer.params:
            trainer.params[name][...] = value
    start = trainer.theta.copy()

    def f(theta: Any) -> Any:
        trainer.theta[...] = theta
        return trainer.predict(*data)

    numeric = jacobian(f, start)
    ours = np.empty_like(numeric)
    trainer.theta[...] = start
    for place in np.ndindex(numeric.shape[:-1]):
        R = np.zeros(numeric.shape[:-1])
        R[place] = 1
        ours[place] = trainer.loss_and_gradient(*data, R)[1]
    assert_agrees(ours, numeric)


def check_training(op: Op, sample: Sample, use: Use = once) -> None:
    """The gradient of what is run in training against differences, the same numbers drawn."""
    module = model(op, sample, use).load()
    trainer, given = module.Trainer(), values(op, sample, use)
    for name in trainer.params:
        trainer.params[name][...] = given[name]
    start, (shape,) = trainer.theta.copy(), (shape for _, _, shape, _ in module.DATA.values())
    state = trainer.rng.bit_generator.state
    weights = np.random.default_rng(1).standard_normal((3, *shape))

    def measured(theta: Any) -> list[tuple[float, Any]]:
        trainer.theta[...] = theta
        found = []
        for R in weights:
            trainer.rng.bit_generator.state = state
            found.append(trainer.loss_and_gradient(R))
        return found

    numeric = jacobian(lambda theta: np.array([loss for loss, _ in measured(theta)]), start)
    ours = np.array([gradient for _, gradient in measured(start)])
    trained = getattr(module, "TRAINED", module.SIZE)
    assert not ours[:, trained:].any()
    assert_agrees(ours[:, :trained], numeric[:, :trained])


@pytest.mark.parametrize(
    ("op", "sample"), samples([op for op in OPS if op.meaning and not op.drawn])
)
def test_shape_rule_and_code_are_what_numpy_does(op: Op, sample: Sample) -> None:
    given, made = values(op, sample), node(op, sample)
    expected = meant(op, sample, given)
    assert np.shape(expected) == tuple(dim.known for dim in made.shape)
    if op.code:
        shapes = tuple(shape_of(*shape) for shape in sample.shapes)
        code = text(op.code, shapes, made.attributes)
        for dtype in (np.float64, np.float32):
            cast = {k: v if v.dtype == np.int64 else v.astype(dtype) for k, v in given.items()}
            result = np.empty(np.shape(expected), dtype)
            names = {name: name for name in op.names} | {op.result: "result"}
            names |= {name: name for name in work(op, sample, dtype)}
            space = {**namespace(op), **cast, **work(op, sample, dtype), "result": result}
            exec(spelt(op, code, names, made), space)
            np.testing.assert_allclose(result, expected, rtol=1e3 * np.finfo(dtype).eps, atol=1e-6)


@pytest.mark.parametrize("use", USES, ids=[use.__name__ for use in USES])
@pytest.mark.parametrize(
    ("op", "sample"), samples([op for op in OPS if op.adjoint or op.definition], trained=True)
)
def test_jacobian_of_every_sample(op: Op, sample: Sample, use: Use) -> None:
    check = check_training if op.evaluation else check_jacobian
    check(op, sample, use)


def alike(op: Op) -> list[Sample]:
    whole = [one for one in op.samples if not any(is_integer(op, one, name) for name in op.names)]
    return [one for one in whole if len(one.shapes) == 2 and len(set(one.shapes)) == 1]


@pytest.mark.parametrize("op", [op for op in OPS if alike(op) and (op.adjoint or op.definition)])
def test_jacobian_of_tied_operands(op: Op) -> None:
    for sample in alike(op):
        check_jacobian(op.at(2), sample, tied)


@pytest.mark.parametrize(
    "op", [op for op in OPS if op.elementwise and op.adjoint], ids=lambda op: op.name
)
def test_jacobian_of_every_broadcast(op: Op) -> None:
    every = SHAPES if len(op.names) < 3 else SHAPES[::2]
    for shapes in itertools.product(every, repeat=len(op.names)):
        check_jacobian(op, Sample(shapes, op.samples[0].attributes))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    "name",
    [
        op.name
        for op in book().public
        if op.signature.startswith(f"{op.name}(x, axis = ") and not op.view
    ],
)
def test_jacobian_along_every_axis(name: str, shape: tuple[int, ...]) -> None:
    rank, op = len(shape), book()[name]
    given: list[dict[str, Any]] = [{"axis": axis} for axis in range(-rank, rank)]
    if "keepdims" in op.attributes:
        every = [one["axis"] for one in given] + [None, tuple(range(rank))]
        given = [{"axis": axis, "keepdims": keep} for axis in every for keep in (False, True)]
    for attributes in given:
        check_jacobian(op, Sample((shape,), attributes))


@pytest.mark.parametrize("b", [(4,), (4, 2), (1, 4, 2), (3, 4, 2), (2, 1, 4, 2)], ids=str)
@pytest.mark.parametrize("a", [(4,), (3, 4), (1, 3, 4), (3, 1, 4), (2, 1, 3, 4)], ids=str)
def test_jacobian_of_every_matrix_product(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    check_jacobian(book()["matmul"], Sample((a, b)))


def honours(op: Op, sample: Sample) -> bool:
    """Whether the code gives what is meant also when the result takes an operand's array."""
    made = node(op, sample)
    shapes = dict(zip(op.names, sample.shapes, strict=True))
    code = text(op.code, tuple(shape_of(*shape) for shape in sample.shapes), made.attributes)
    for taken in op.overwrites.replace(",", " ").split():
        given = values(op, sample)
        expected = meant(op, sample, given)
        if shapes[taken] == np.shape(expected):
            given = {name: value.copy() for name, value in given.items()}
            beside = work(op, sample)
            names = {name: name for name in (*op.names, *beside)} | {op.result: taken}
            exec(spelt(op, code, names, made), {**namespace(op), **given, **beside})
            if not np.allclose(given[taken], expected, rtol=1e-14):
                return False
    return True


@pytest.mark.parametrize(("op", "sample"), samples([op for op in OPS if op.code and not op.drawn]))
def test_the_result_may_take_the_arrays_that_it_says(op: Op, sample: Sample) -> None:
    assert honours(op, sample)


@pytest.mark.parametrize("op", [op for op in OPS if op.elementwise], ids=lambda op: op.name)
def test_an_elementwise_operation_takes_every_array_that_it_could(op: Op) -> None:
    could = {
        name
        for name in op.names
        if all(honours(replace(op, overwrites=name), sample) for sample in op.samples)
    }
    assert could <= {*op.overwritten}


def test_a_false_promise_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    tanh = book()["tanh"]
    lie = {"meaning": "3 * {x}", "code": "add(multiply({x}, 2, out={y}), {x}, out={y})"}
    assert honours(replace(tanh, **lie, overwrites=""), tanh.samples[0])
    assert not honours(replace(tanh, **lie), tanh.samples[0])
    for name, value in lie.items():
        monkeypatch.setitem(vars(tanh), name, value)
    assert not verify(
        graphc.compile_text("param W : [3] = 1\nloss sum(tanh(W * 3))\n").source
    ).holds


def test_a_loss_of_rows_against_columns_is_an_error() -> None:
    for op in book().public:
        if op.result == "loss" and not op.integers:
            with pytest.raises(Mismatch):
                node(op, Sample(((3, 1), (3,))))

"""Shapes solved over the whole graph: sizes inferred, equal wherever written, computed."""

from __future__ import annotations

import pytest
from checked import ROOTS, codes, graph, shapes

from graphc.contraction import contracted
from graphc.errors import CompileError


def test_inferred_through_products_and_broadcasts() -> None:
    text = (
        "input x : [batch, 2]\ntarget y : [batch, 1]\n"
        "param W : [_, 8] = he_normal\nparam b : [_] = zeros\nparam V : [_, _] = he_normal\n"
        "p = relu(x @ W + b) @ V\noutput p\nloss mse(p, y)\n"
    )
    found = shapes(text)
    assert (found["W"], found["b"], found["V"]) == ((2, 8), (8,), (8, 1))


def test_inferred_input_and_reshape() -> None:
    text = (
        "input x : [batch, _]\nparam W : [6, 4] = he_normal\nparam v : [_, _, _] = zeros\n"
        f"h = reshape(x @ W, [batch, 2, _])\np = h * reshape(v, [1, 2, 2])\n{ROOTS}"
    )
    with pytest.raises(CompileError, match="the first size of `v` is not determined"):
        shapes(text)
    found = shapes(text.replace("[_, _, _]", "[1, _, 2]"))
    assert (found["x"], found["h"], found["v"]) == (("batch", 6), ("batch", 2, 2), (1, 2, 2))


def test_run_time_sizes_are_equal_wherever_written() -> None:
    text = "input a : [batch, time]\ninput b : [{}, time]\nparam w = 1\np = (a + b) * w\n" + ROOTS
    assert shapes(text.format("batch"))["p"] == ("batch", "time")
    assert codes(text.format("other")) == ["E0301"]


def test_bias_of_columns() -> None:
    text = (
        "input X : [2, batch]\nparam W : [5, 2] = he_normal\nparam B : [5, 1] = zeros\n"
        f"p = W @ X + B\n{ROOTS}"
    )
    assert shapes(text)["p"] == (5, "batch")


@pytest.mark.parametrize(
    ("a", "b", "result"),
    [
        ((3, 4), (4, 5), (3, 5)),
        ((4,), (4, 5), (5,)),
        ((3, 4), (4,), (3,)),
        ((4,), (4,), ()),
        ((2, 3, 4), (4, 5), (2, 3, 5)),
        ((2, 1, 3, 4), (7, 4, 5), (2, 7, 3, 5)),
        ((4,), (2, 4, 5), (2, 5)),
    ],
)
def test_matmul(a: tuple[int, ...], b: tuple[int, ...], result: tuple[int, ...]) -> None:
    text = f"param a : {list(a)} = normal\nparam b : {list(b)} = normal\np = a @ b\n{ROOTS}"
    assert shapes(text)["p"] == result


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("sum(x)", ()),
        ("sum(x, 0)", (3, 4)),
        ("mean(x, axis = -1)", ("batch", 3)),
        ("mean(x, axis = [0, 2], keepdims = true)", (1, 3, 1)),
        ("x |> sum(axis = none)", ()),
        ("transpose(x)", (4, 3, "batch")),
        ("x.T", (4, 3, "batch")),
        ("transpose(x, axes = [0, 2, 1])", ("batch", 4, 3)),
        ("reshape(x, [-1, 12])", ("batch", 12)),
        ("reshape(x, [batch, 2 * n, _])", ("batch", 6, 2)),
        ("softmax(x, axis = 1) * [1, 2, 3, 4]", ("batch", 3, 4)),
        ("x + [[1], [2], [3]]", ("batch", 3, 4)),
        ("x / (n * batch) - n ** 2", ("batch", 3, 4)),
        ("maximum(b = x, a = 0)", ("batch", 3, 4)),
        ("(x |> tanh) + 1", ("batch", 3, 4)),
    ],
)
def test_operations(expression: str, result: tuple[int | str, ...]) -> None:
    text = f"dim n = 3\ninput x : [batch, n, n + 1]\nparam w = 1\np = ({expression}) * w\n{ROOTS}"
    assert shapes(text)["p"] == result


@pytest.mark.parametrize(
    ("size", "result"),
    [
        ("4 * d", 32),
        ("d / 2", 4),
        ("d - 1", 7),
        ("2 ** 10", 1024),
        ("(d + 1) * (d - 1)", 63),
        ("-d + 9", 1),
    ],
)
def test_sizes_computed(size: str, result: int) -> None:
    text = f"dim e = {size}\ndim d = 8\nparam p : [e, {size}, d] = normal\n{ROOTS}"
    assert shapes(text)["p"] == (result, result, 8)


def test_types_and_values() -> None:
    """A value may give the size that its type leaves open; a number fills any shape."""
    text = (
        "const a : [_, 2] = [[1, 2], [3, 4]]\nconst b = [[1, 2]]\nconst c : [2] = 0.5\n"
        "const d : int[2] = [0, 1]\nparam w : [2, _] = [[1, 2], [3, 4]]\nparam s = -3\n"
        "p = (a + b) * c * w * s\noutput p\nloss cross_entropy(p, d)\n"
    )
    found = shapes(text)
    assert [found[name] for name in "abcdws"] == [(2, 2), (1, 2), (2,), (2,), (2, 2), ()]


@pytest.mark.parametrize(
    ("expression", "shape", "fans"),
    [
        ("x @ W", (2, 5), (2, 5)),
        ("x @ W.T", (5, 2), (2, 5)),
        ("(W @ x.T).T", (5, 2), (2, 5)),
        ("x @ (W * [1, 2, 3, 4, 5])", (2, 5), (2, 5)),
        ("x @ reshape(W, [2, 5])", (10,), (2, 5)),
        ("x @ W", (2,), (2, 1)),
        ("conv2d(reshape(x, [-1, 2, 1, 1]), W)", (5, 2, 1, 1), (2, 5)),
        ("conv2d(reshape(x, [-1, 2, 1, 1]), W, padding = 1)", (4, 2, 3, 2), (12, 24)),
        ("conv2d(reshape(x, [-1, 2, 1, 1]), reshape(W, [5, 2, 1, 1]))", (5, 2, 1, 1), (2, 5)),
    ],
)
def test_fans(expression: str, shape: tuple[int, ...], fans: tuple[int, int]) -> None:
    """The fan-in is what the graph contracts, whichever way round the weight is written."""
    weight = f"param W : {list(shape)} = he_normal"
    model = graph(f"input x : [batch, 2]\n{weight}\np = tanh({expression})\n{ROOTS}")
    _, found = contracted(model)[model.leaves("param")[0].key]
    assert found == fans

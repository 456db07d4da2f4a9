"""Warnings of losses and layers are silent where somebody may mean what stands there."""

from __future__ import annotations

import pytest
from checked import DATA, codes

CLASSES = "input x : [batch, 4]\ntarget y : int[batch]\n"
SOUND = {
    "a bottleneck": ("p = x |> dense(1) |> dense(2)", "mse(p, x) + mean(y)"),
    "a value with two readers": (
        "h = dense(x, 8)\np = dense(h, 1) + dense(tanh(h), 1)",
        "mse(p, y)",
    ),
    "a layer that two values go through": (
        "param U : [4, 4] = he_normal\ns = dense(x, 4)\nh = tanh(s @ U)\np = tanh(h @ U)",
        "mse(p, y + 0 * p)",
    ),
    "a layer with a penalty": ("h = dense(x, 8)\np = dense(h, 1)", "mse(p, y) + l1(p.W)"),
    "a value that is an output": ("h = dense(x, 8)\np = dense(h, 1)\noutput h, p", "mse(p, y)"),
    "a random projection": (
        "param R : [2, 8] = he_normal frozen\np = x @ R |> dense(1)",
        "mse(p, y)",
    ),
    "a probability by way of tanh": (
        "p = 0.5 * (tanh(dense(x, 1)) + 1)",
        "binary_cross_entropy(p, y)",
    ),
    "a probability by force": ("p = clip(dense(x, 1), 0.1, 0.9)", "binary_cross_entropy(p, y)"),
    "a probability by way of exp": ("p = exp(-square(dense(x, 1)))", "binary_cross_entropy(p, y)"),
    "what nobody can tell": ("p = softplus(dense(x, 1))", "binary_cross_entropy(p, y)"),
    "a parameter that is a probability": (
        "param w : [] = 0.5\np = w + 0 * sum(x)",
        "binary_cross_entropy(p, mean(y))",
    ),
    "an error either way round": ("p = dense(x, 1)", "mse(y, p) + mae(y, p)"),
    "a softmax of nobody knows how many": (
        "input s : [batch, time, 2]\np = softmax(dense(s, 1), axis = 1) |> sum(axis = 1)",
        "mse(p + dense(x, 1), y)",
    ),
}


@pytest.mark.parametrize("what", SOUND)
def test_what_may_be_meant_is_not_warned_of(what: str) -> None:
    lines, loss = SOUND[what]
    output = "" if "output" in lines else "output p\n"
    assert codes(f"{DATA}{lines}\n{output}loss {loss}\n") == []


def test_a_policy_held_against_what_comes_in() -> None:
    model = "input x : [batch, 4]\np = x |> dense(4)\noutput p\n"
    assert codes(f"{model}loss cross_entropy(x, softmax(p))") == []
    assert codes(f"{model}loss cross_entropy(x, p)") == ["W0809"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("loss cross_entropy(x |> dense(3) |> softmax, y)", "W0804"),
        ("loss cross_entropy(x |> dense(1), y)", "W0811"),
        ("loss cross_entropy(x |> dense(8) |> reshape([batch, 8]) |> dense(3), y)", ""),
        ("loss cross_entropy(x |> dense(8) |> dense(3), y)", "W0812"),
        ("loss cross_entropy(x |> dense(2) |> dense(3), y)", ""),
    ],
)
def test_what_cannot_be_meant_is(line: str, code: str) -> None:
    assert codes(CLASSES + line) == ([code] if code else [])

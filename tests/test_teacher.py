"""What is told of a run that goes wrong, by models that truly have the fault."""

from __future__ import annotations

import numpy as np
import pytest
from taught import DATA, X, Y, told

from graphc.training import teacher
from graphc.training.standstill import restless, still

pytestmark = pytest.mark.usefixtures("unhurried")


def test_relus_that_die() -> None:
    (line,) = told("""
        p = x |> dense(32) |> relu |> dense(32) |> relu |> dense(1)
        output p
        loss mse(p, y)
        optimizer sgd(learning_rate = 0.3)
        """)
    assert line == (
        "warning: 32 of 32 units of `relu(dense2)` (line 4) are 0 for every row: they learn no"
        " more. A smaller --learning-rate, or `leaky_relu` in place of `relu`, keeps units alive"
    )


def test_no_option_is_torn_apart_at_the_end_of_a_line() -> None:
    for length in range(1, 80):
        lines = teacher.warning(
            f"`{'h' * length}` moves by itself. A smaller --learning-rate helps"
        )
        assert "--learning-rate" in lines
        assert max(map(len, lines.split("\n"))) <= 80


def test_relus_that_are_dead_from_the_start() -> None:
    (line,) = told("""
        param W : [4, 8] = he_normal
        param b : [8] = [-50, -50, 0, -50, -50, -50, -50, -50]
        h = relu(x @ W + b)
        p = h |> dense(1)
        output p
        loss mse(p, y)
        """)
    assert line == (
        "warning: 7 of 8 units of `h` (line 6) are 0 for every row, many from the start: they"
        " learn nothing. Begin with weights of `he_normal` and biases of 0, or take `leaky_relu`"
        " in place of `relu`"
    )


def test_filters_and_columns_that_are_dead() -> None:
    image = "input x : [batch, 1, 3, 3]\ntarget y : [batch, 1]\n"
    shape = (200, 1, 3, 3)
    lines = told(
        """
        param F : [4, 1, 2, 2] = he_normal
        param b : [4, 1, 1] = [[[-50]], [[-50]], [[-50]], [[-50]]]
        h = relu(conv2d(x, F) + b)
        p = h |> flatten |> dense(1)
        output p
        loss mse(p, y)
        """,
        np.random.default_rng(1).normal(size=shape),
        Y,
        data=image,
    )
    assert lines[0].startswith("warning: 4 of 4 units of `h` (line 6) are 0 for every row, many")
    columns = "input x : [4, batch]\ntarget y : [1, batch]\n"
    lines = told(
        """
        param W : [5, 4] = he_normal
        param b : [5, 1] = -50
        param V : [1, 5] = he_normal
        p = V @ relu(W @ x + b)
        output p
        loss mse(p, y)
        """,
        X.T,
        Y.T,
        data=columns,
    )
    assert lines[0].startswith("warning: 5 of 5 units of `relu(W @ x + b)` (line 7) are 0 for")


def test_zeros_that_are_hoped_for() -> None:
    """In a hinge loss, and where a frozen layer decides who is on."""
    sides = np.sign(X[:, :1])
    assert not told("p = x |> dense(1)\noutput p\nloss mean(relu(0.01 - y * p))\n", X, sides)
    frozen = "param W : [4, 8] = he_normal frozen\np = relu(x @ W - 50) |> dense(1)\n"
    assert not told(f"{frozen}output p\nloss mse(p, y)\n", epochs=4)


@pytest.mark.parametrize("optimizer", ["sgd(learning_rate = 1e-7)", "adam(learning_rate = 1e-8)"])
def test_steps_that_are_too_short(optimizer: str) -> None:
    (line,) = told(f"""
        p = x |> dense(16) |> relu |> dense(1)
        output p
        loss mse(p, y)
        optimizer {optimizer}
        """)
    assert line.startswith("warning: the loss does not become smaller: the steps are too short. In")
    assert " of their size; one step of " in line
    assert "A larger --learning-rate, up to 10" in line


def test_steps_that_are_too_long() -> None:
    (line,) = told("""
        p = x |> dense(16) |> tanh |> dense(1)
        output p
        loss mse(p, y)
        optimizer adam(learning_rate = 3)
        """)
    assert line.startswith("warning: the loss ")
    assert ": the steps are too long. It " in line
    assert line.endswith(" of the parameters' size lowers it. A smaller --learning-rate helps")


def test_a_start_of_zeros() -> None:
    (line,) = told("""
        param W : [4, 8] = zeros
        param V : [8, 1] = zeros
        param b : [1] = zeros
        p = tanh(x @ W) @ V + b
        output p
        loss mse(p, y)
        """)
    assert line == (
        "warning: the loss does not become smaller: `W` and `V` are 0 and have no gradient, as each"
        " is multiplied by the other; begin at random, as with `xavier_normal`"
    )


def test_zeros_that_are_the_best_there_is() -> None:
    """No line tells an exclusive or, so weights of 0 are right; two of them beside one another."""
    rows = np.tile([[0.0, 0], [0, 1], [1, 0], [1, 1]], (1, 1))
    for model in (
        "param w : [2, 1] = zeros\np = x @ w",
        "param w : [2, 1] = zeros\nparam v : [2, 1] = zeros\np = x @ w + square(x) @ v",
    ):
        data = DATA.replace("4", "2")
        lines = f"{model} + c\nparam c : [1] = zeros\noutput p\nloss bce_with_logits(p, y)\n"
        assert told(lines, rows, np.abs(rows[:, :1] - rows[:, 1:]), data=data, batch_size=4) == []


DEEP = """
block layer(x, units) {
    param W : [_, units] = normal(0.1)
    return sigmoid(x @ W)
}
p = x |> repeat(9, layer(16)) |> dense(1)
output p
loss mse(p, y)
optimizer sgd(learning_rate = 0.1)
"""


def test_gradients_that_vanish() -> None:
    (line,) = told(DEEP)
    assert ": the gradient of `repeat1.1.W` is " in line
    assert (
        " times that of `p.W`, and it has hardly moved: gradients vanish on the way back." in line
    )
    assert "Each of 9 `sigmoid`s lets through a quarter of one at most; `relu` with" in line


def test_adam_makes_up_for_gradients_that_are_small() -> None:
    assert "vanish" not in "".join(told(DEEP.replace("sgd(learning_rate = 0.1)", "adam")))


def test_activations_at_their_bounds() -> None:
    (line,) = told("""
        param W : [4, 8] = normal(1000)
        param V : [8, 8] = normal(1000)
        p = tanh(tanh(x @ W) @ V) |> slice(0, 1, axis = 1)
        output p
        loss mse(p, y)
        optimizer sgd(learning_rate = 0.01)
        """)
    assert "the values of `tanh(x @ W)` (line 6) stand at the bounds of `tanh`" in line


def test_steps_that_are_too_short_to_be_seen() -> None:
    (line,) = told(
        "p = x |> dense(16) |> tanh |> dense(1)\noutput p\nloss mse(p + 3, y)\n"
        "optimizer sgd(learning_rate = 1e-5)\n"
    )
    assert line.startswith("warning: the loss ")
    assert " smaller: the steps are too short. In " in line


def test_losses() -> None:
    assert still([1, 0.995, 1.2])
    assert not still([1, 0.9, 1.2])
    assert restless([5, 4, 6, 3, 7, 4, 6, 3, 7, 4])
    assert not restless([5, 4, 3, 2, 1, 0.2, 0.1, 0.2, 0.1, 0.2])

"""What is told of a run that goes wrong, by models that truly have the fault; else nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from systems import EXAMPLES

from graphc.compiled import Compiled, compile_file, compile_text
from graphc.data import Loaded, load
from graphc.training import Settings, teacher, train
from graphc.training.history import Epoch
from graphc.training.overfitting import overfitting
from graphc.training.standstill import restless, still
from graphc.training.teacher import FREE

DATA = "input x : [batch, 4]\ntarget y : [batch, 1]\n"
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(200, 4)).astype(np.float32)
Y = (np.sin(X[:, :1]) + X[:, 1:2] * X[:, 2:3]).astype(np.float32)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, there is time for looks."""
    monkeypatch.setattr(teacher, "FREE", math.inf)


def told(text: str, *arrays: Any, data: str = DATA, **options: Any) -> list[str]:
    """The warnings of a run, each on one line; its other complaints as they are."""
    compiled = compile_text(data + text)
    given = arrays or (X, Y)
    return run(compiled, Loaded(tuple(np.array(one) for one in given)), **options)


def run(compiled: Compiled, loaded: Loaded, **options: Any) -> list[str]:
    complaints: list[str] = []
    train(compiled, loaded, Settings(**options), lambda line: None, complaints.append)
    for line in complaints:
        assert max(map(len, line.split("\n"))) <= 80 or line.startswith("graphc: ")
    return [" ".join(line.split()) for line in complaints]


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


def test_data_that_is_not_scaled() -> None:
    large = X * [1, 1000, 1, 300]
    first, second = told(
        """
        p = x |> dense(16) |> relu |> dense(1)
        output p
        loss mse(p, y)
        """,
        large,
        1000 * Y,
    )
    assert first.startswith("warning: `x` reaches 3,000, ")
    assert first.endswith(
        " where a layer expects numbers of about 1: take off the mean of each column and divide by"
        " its deviation, best in the model itself: (x - mean) / deviation"
    )
    assert second.startswith("graphc: step ")


def ring(
    scale: Any, shift: Any = 0.0, layers: str = "relu", rate: float = 0.01, **options: Any
) -> list[str]:
    """What is told of a run that tells points in a circle from others, in a unit of one's own."""
    points = np.random.default_rng(3).uniform(-1, 1, (400, 2))
    inside = (np.square(points).sum(axis=1, keepdims=True) < 0.5).astype(np.float32)
    model = f"""
        p = x |> dense(16) |> {layers} |> dense(1)
        output p
        loss bce_with_logits(p, y)
        optimizer adam(learning_rate = {rate})
        """
    data = DATA.replace("4]", "2]")
    return told(model, points * scale + shift, inside, data=data, **{"epochs": 60} | options)


@pytest.mark.parametrize(
    ("scale", "shift"), [(100, 0), (10_000, 0), ([100, 50], [500, 0]), (1e6, 0), ([1, 5000], 0)]
)
def test_inputs_that_are_not_scaled_are_told_before_training(scale: Any, shift: Any) -> None:
    (line,) = ring(scale, shift)
    assert line.startswith("warning: `x` reaches ")
    assert ", where a layer expects numbers of about 1. The loss begins at " in line
    assert ": take off the mean of each column and divide by its deviation, best in the" in line
    assert ring(scale, shift, epochs=1) == [line]


def test_relus_that_die_of_it_are_told_too() -> None:
    scale, units = ring([100, 50], [500, 0], layers="relu |> dense(16) |> relu", rate=0.3)
    assert "`x` reaches " in scale
    assert " units of " in units


def test_inputs_of_a_sound_scale_are_not_told() -> None:
    for scale in (0.5, 1, 10):
        assert ring(scale) == []


def test_inputs_that_are_in_the_way_are_told_at_the_end() -> None:
    """A tanh hides them from the loss, and is flat for all of them."""
    (line,) = ring([10_000, 9_000], 20_000, layers="tanh")
    assert "`x` reaches 30,000, where a layer expects numbers of about 1: take off the mean" in line


def test_inputs_that_tell_nothing() -> None:
    model = "p = x |> dense(1)\noutput p\nloss mse(p, y)\noptimizer adam(learning_rate = 0.003)\n"
    noise = np.tile([[1.0], [-1.0]], (100, 1))
    (line,) = told(model, np.repeat(X[:100], 2, axis=0), noise, holdout=0, epochs=100)
    assert line.startswith("warning: `p` is nearly the same for every row: nothing of the inputs")


def test_a_gradient_that_is_too_large() -> None:
    first, second = told("""
        param W : [4, 8] = normal(40)
        param V : [8, 8] = normal(40)
        param U : [8, 1] = normal(40)
        p = relu(relu(x @ W) @ V) @ U
        output p
        loss mse(p, y)
        """)
    assert first.startswith("warning: the gradient of `")
    assert " times as long as the parameter: begin with smaller weights, scale the data," in first
    assert second.startswith("graphc: step ")


def test_what_has_run_away_says_little() -> None:
    (line,) = told("""
        p = x |> dense(32) |> relu |> dense(32) |> relu |> dense(1)
        output p
        loss mse(p, y)
        optimizer sgd(learning_rate = 3)
        """)
    assert line.startswith("graphc: step ")
    assert line.endswith("; a smaller --learning-rate often helps")


CLASSES = "input x : [batch, 4]\ntarget y : int[batch]\n"
CLASSIFIER = "z = x |> dense(10)\noutput z\nloss cross_entropy(z, y)\n"


def classes(labels: Any, count: int = 10, names: tuple[str, ...] = ()) -> list[str]:
    """What is told of labels before a run, for a model with so many classes."""
    compiled = compile_text(CLASSES + CLASSIFIER.replace("10", str(count)))
    labels = np.asarray(labels)
    rows = np.random.default_rng(0).normal(size=(len(labels), 4)).astype(np.float32)
    return run(compiled, Loaded((rows, labels), {"y": names} if names else {}), epochs=1)


NUMBERS = np.arange(200)


@pytest.mark.parametrize(
    ("labels", "count", "expected"),
    [
        (NUMBERS % 4, 10, "the labels of `y` are 0 to 3, and the model has 10 classes: 4 would do"),
        (NUMBERS % 6, 10, "the labels of `y` are 0 to 5, and the model has 10 classes: 6 would do"),
        (NUMBERS * 0, 10, "every label of `y` is 0: there is nothing to tell apart"),
        (
            1 + NUMBERS % 3,
            4,
            "the labels of `y` are 1 to 3, and the 4 classes of the model begin at 0, which never"
            " occurs: take off 1, and 3 classes would do",
        ),
        (NUMBERS % 2 * 2, 3, "class 1 of `y` never occurs: no row tells what it is like"),
        (
            NUMBERS % 3 * 2,
            6,
            "the classes 1, 3 and 5 of `y` never occur: no row tells what they are like",
        ),
        (NUMBERS % 10 * 2, 20, "10 of the 20 classes of `y` never occur"),
        (NUMBERS % 10, 10, ""),
        (NUMBERS[:12] % 6, 10, ""),  # too few rows to expect all
    ],
)
def test_classes_that_never_occur(labels: Any, count: int, expected: str) -> None:
    assert classes(labels, count) == ([f"warning: {expected}"] if expected else [])


def test_classes_that_have_names() -> None:
    (line,) = classes(NUMBERS % 2, 3, ("no", "yes"))
    assert line == "warning: `y` has 2 names, and the model has 3 classes: 2 would do"
    (line,) = classes(NUMBERS % 2 * 2, 3, ("cat", "dog", "owl"))
    assert line == "warning: class dog of `y` never occurs: no row tells what it is like"
    assert classes(NUMBERS % 3, 3, ("cat", "dog", "owl")) == []
    (line,) = classes(NUMBERS * 0, 3, ("\x1b[2J", "dog"))
    assert line == "warning: every label of `y` is '\\x1b[2J': there is nothing to tell apart"


def test_names_of_training_that_other_rows_have_some_of() -> None:
    names = ("cat", "dog", "emu", "owl")
    (line,) = classes(NUMBERS % 2, 5, names)
    assert line == "warning: `y` has 4 names, and the model has 5 classes: 4 would do"
    (line,) = classes(NUMBERS % 2, 4, names)
    assert line.startswith("warning: the classes emu and owl of `y` never occur")
    (line,) = classes(1 + NUMBERS % 3, 4, names)
    assert line.startswith("warning: class cat of `y` never occurs")


def test_a_class_that_is_held_out_alone_does_occur() -> None:
    for place in range(0, 60, 5):  # some of these rows are held out, and others are not
        labels = NUMBERS[:60] % 2
        labels[place] = 2
        assert classes(labels, 3) == []


def test_a_vocabulary_need_not_occur_whole() -> None:
    words = "input x : int[batch, 3]\ntarget y : int[batch]\nparam E : [50, 4] = normal(1)\n"
    model = "z = embedding(x, E) |> flatten |> dense(50)\noutput z\nloss cross_entropy(z, y)\n"
    some = np.random.default_rng(1).integers(0, 9, (200, 4))
    assert told(model, some[:, :3], some[:, 3], data=words, epochs=2) == []


LOGITS = "p = x |> dense(8) |> relu |> dense(1)\noutput p\nloss bce_with_logits(p, y)\n"
SIGNS = np.where(Y > 0, 1.0, -1.0)


@pytest.mark.parametrize(
    ("truth", "expected"),
    [
        (
            SIGNS,
            "values from -1 to 1, and `bce_with_logits` takes 0 to 1: write 0 for -1 and 1 for",
        ),
        (SIGNS / 2 + 1.5, "values from 1 to 2, and `bce_with_logits` takes 0 to 1: write 0 for 1"),
        (NUMBERS[:, None] % 3, "values from 0 to 2, and `bce_with_logits` takes 0 to 1: for sever"),
        (Y, "`bce_with_logits` takes 0 to 1: scale them to lie there, take `mse` for numbers, or"),
        ((SIGNS + 1) / 2, ""),
        (np.clip(Y, 0, 1), ""),
    ],
)
def test_targets_that_a_loss_does_not_take(truth: Any, expected: str) -> None:
    for loss in ("bce_with_logits(p, y)", "binary_cross_entropy(sigmoid(p), y)"):
        model = LOGITS.replace("bce_with_logits(p, y)", loss)
        lines = told(model, X, truth, epochs=30)
        wanted = expected.replace("bce_with_logits", loss.partition("(")[0])
        assert [line[: len("warning: `y` ")] for line in lines] == ["warning: `y` "] * bool(wanted)
        assert wanted in "".join(lines)
    assert told(LOGITS.replace("bce_with_logits", "mse"), X, truth, epochs=30) == []


def test_the_column_is_named_that_a_loss_does_not_take() -> None:
    columns = {"x": tuple("abcd"), "y": ("inside",)}
    compiled = compile_text(DATA + LOGITS)
    (line,) = run(compiled, Loaded((X, SIGNS.astype(np.float32)), {}, columns), epochs=30)
    assert line.startswith("warning: `inside` (the target `y`) has values from -1 to 1, and `bce_")
    both = np.hstack([SIGNS > 0, SIGNS]).astype(np.float32)
    compiled = compile_text(f"{DATA}{LOGITS}".replace("1]", "2]").replace("dense(1)", "dense(2)"))
    (line,) = run(compiled, Loaded((X, both), {}, {"y": ("first", "second")}), epochs=3)
    assert line.startswith("warning: `second` (of the target `y`) has values from -1 to 1, and")


HOT = "input x : [batch, 4]\ntarget y : [batch, 3]\n"
SCORES = "z = x |> dense(8) |> relu |> dense(3)\noutput z\nloss cross_entropy(z, y)\n"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (np.eye(3)[NUMBERS % 3], ""),
        (np.eye(3)[NUMBERS % 3] * 0.9 + 0.1 / 3, ""),
        (np.eye(3)[NUMBERS % 3] * (NUMBERS[:, None] > 20), ""),  # some rows have no part in it
        (
            np.eye(3)[NUMBERS % 3] * 2,
            "`y` has values from 0 to 2, and `cross_entropy` takes 0 to 1",
        ),
        (
            np.maximum(np.eye(3)[NUMBERS % 3], np.eye(3)[0]),
            "a row of `y` adds up to 2, and `cross_entropy` takes shares that add up to 1: divide",
        ),
    ],
)
def test_rows_that_are_no_shares(rows: Any, expected: str) -> None:
    lines = told(SCORES, X, rows, data=HOT, epochs=3)
    assert [line.removeprefix("warning: ")[: len(expected)] for line in lines] == [expected] * bool(
        expected
    )


def history(held: list[float], **metrics: list[float]) -> list[Epoch]:
    """Epochs whose training loss falls."""
    return [
        Epoch(n + 1, 1 / (n + 1), loss, {name: each[n] for name, each in metrics.items()}, n)
        for n, loss in enumerate(held)
    ]


RISING = [0.9, 0.6, 0.5, 0.52, 0.58, 0.61, 0.7, 0.72, 0.75, 0.8, 0.82, 0.85]


def test_overfitting() -> None:
    assert overfitting(history(RISING), 100) == (
        "after epoch 3 the held-out loss rose from 0.5 to 0.85 while the training loss fell from"
        " 0.3333 to 0.08333: what it learns then holds for these rows alone. --patience 5 stops"
        " there and keeps the best epoch"
    )
    for sound in (
        history(RISING[:5]),  # has only begun
        history([0.5 + 0.01 * (n % 3) for n in range(12)]),
        history(RISING[::-1]),
        history(RISING, accuracy=[0.9] * 12),  # surer of its mistakes, and no more of them
    ):
        assert overfitting(sound, 100) == ""
    assert overfitting(history(RISING, accuracy=[0.9] * 4 + [0.8] * 8), 100) != ""
    assert overfitting(history(RISING), 10) == "", "of ten rows nobody can tell"


def test_a_held_out_loss_that_is_no_worse_or_only_noisy_is_no_overfitting() -> None:
    rising = history(RISING)
    assert overfitting([replace(one, loss=one.loss + 0.7) for one in rising], 100) == ""
    noisy = [0.9, 0.5, 0.8, 0.6, 0.7, 0.9, 0.6, 0.8, 0.6, 0.9, 0.7, 0.6, 0.8, 0.7]
    assert overfitting(history(noisy), 100) == ""
    assert overfitting(history([0.9, 0.5, *sorted(noisy[2:])]), 100) != ""
    assert overfitting(history([1.0, *(0.5 + 0.001 * n for n in range(3000))]), 100) != ""


def test_overfitting_is_told_unless_the_best_epoch_is_kept() -> None:
    noise = np.random.default_rng(1).normal(size=(200, 1))
    model = """
        p = x |> dense(128) |> relu |> dense(128) |> relu |> dense(1)
        output p
        loss mse(p, y)
        optimizer adam(learning_rate = 0.003)
        """
    (line,) = told(model, X, noise, epochs=60)
    assert "the held-out loss rose from" in line
    assert told(model, X, noise, epochs=60, patience=100) == []


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


FAST = {
    "line": "line.csv",
    "xor": "xor.csv",
    "seed": "seed.csv",
    "iris": "iris.csv",
    "digits": "digits.npz",
    "hinge": "hinge.csv",
    "columns": "columns.npz",
    "autoencoder": "digits.npz",
    "momentum": "seed.csv",
    "circuit": "",
}


@pytest.mark.parametrize("name", FAST)
@pytest.mark.parametrize("options", [{}, {"epochs": 1}, {"seed": 3}])
def test_nothing_is_told_of_what_goes_well(name: str, options: dict[str, Any]) -> None:
    compiled = compile_file(EXAMPLES / f"{name}.nn")
    loaded = Loaded(())
    if FAST[name]:
        loaded = load(EXAMPLES / FAST[name], compiled.data, dtype=compiled.model.dtype)
    assert run(compiled, loaded, **options) == []


def test_nothing_is_told_of_a_run_that_arrives_at_once() -> None:
    x = np.tile(100 * X, (20, 1))
    model = "p = x |> dense(1)\noutput p\nloss mse(p, y)\noptimizer sgd(learning_rate = 1e-5)\n"
    assert told(model, x, x @ [[1.0], [2], [3], [4]] + np.tile(Y, (20, 1)), epochs=30) == []


def test_nothing_is_told_of_a_run_that_has_arrived(tmp_path: Path) -> None:
    model = """
        p = x |> dense(1)
        output p
        loss mse(p, y)
        optimizer sgd(learning_rate = 0.3)
        """
    path = tmp_path / "p.npz"
    assert told(model, X, X @ [[1.0], [2], [3], [4]] + 0.1 * Y, epochs=30, save=path) == []
    resumed: dict[str, Any] = {"resume": path, "epochs": 60}
    assert told(model, X, X @ [[1.0], [2], [3], [4]] + 0.1 * Y, **resumed) == []


DEAD = """
p = relu(dense(x, 16) - 50) |> dropout(0.5) |> dense(1)
output p
loss mse(p, y)
"""


def test_a_run_that_is_looked_at_ends_with_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(told(DEAD, epochs=12, save=tmp_path / "seen.npz")) == 1, "once in all of the run"
    monkeypatch.setattr(teacher.Teacher, "epoch", lambda self, tell, last: None)
    assert told(DEAD, epochs=12, save=tmp_path / "unseen.npz") == []
    seen, unseen = (np.load(tmp_path / f"{name}.npz") for name in ("seen", "unseen"))
    assert all(np.array_equal(seen[name], unseen[name]) for name in seen.files)


def test_looks_take_a_small_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    looks: list[int] = []

    def clock() -> float:
        return now

    def look(self: teacher.Teacher, tell: Any, *, early: bool, last: bool) -> None:
        nonlocal now
        now += 5
        looks.append(self._meter.epoch)

    def on_epoch(self: teacher.Teacher, tell: Any, *, last: bool) -> None:
        nonlocal now
        now += 1
        epoch(self, tell, last=last)

    epoch = teacher.Teacher.epoch
    ticking = SimpleNamespace(perf_counter=clock)
    monkeypatch.setattr(teacher, "FREE", FREE)
    monkeypatch.setattr(teacher, "time", ticking)
    monkeypatch.setattr("graphc.training.meter.time", ticking)
    monkeypatch.setattr(teacher.Teacher, "_teach", look)
    monkeypatch.setattr(teacher.Teacher, "epoch", on_epoch)
    told(DEAD, epochs=600)
    assert looks == [100, 200, 500, 600]
    assert 5 * len(looks) <= 0.05 * now


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("kind", "loss"),
    [("int[batch]", "cross_entropy"), ("[batch, 4]", "bce_with_logits"), ("[batch, 4]", "mse")],
)
def test_no_run_is_ended_by_what_looks_at_it(kind: str, loss: str) -> None:
    model = "z = x |> dense(8) |> relu |> dense(4)\noutput z\n"
    compiled = compile_text(f"input x : [batch, 3]\ntarget y : {kind}\n{model}loss {loss}(z, y)\n")
    noise = RANDOM.normal(size=(60, 3))
    for size, rows in product((0, 1e-40, 1, [1, 1e-30, 1e20], 3e38), (1, 60)):
        x = (np.clip(noise[:rows], -1, 1) * size).astype(np.float32)
        for target in (0, 1, 3e38):
            y = np.full((rows, 4), target, np.float32)
            given = Loaded((x, np.full(rows, target > 0, np.int64) if "int" in kind else y))
            run(compiled, given, epochs=12)

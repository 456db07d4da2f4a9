"""What is told of data that a model cannot learn from as it is, mostly before it trains."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from taught import DATA, X, Y, run, told

from graphc.compiled import compile_text
from graphc.data import Loaded

pytestmark = pytest.mark.usefixtures("unhurried")


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

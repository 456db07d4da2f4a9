"""Advice on inputs that are far too large, or whose columns are of very different sizes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphc.training.evidence import Evidence
from graphc.training.metrics import Task
from graphc.training.scene import Arrays, Scene

LARGE = 50.0  # the root mean square of an input, where a layer expects some 1
UNEQUAL = 1000.0  # times as large as another column
HARM = 10.0  # times the loss that the same parameters have with scaled inputs
POOR = 0.5  # of what a guess leaves open, that is learnt at most where inputs are in the way
ENOUGH = 10  # epochs, in which it should have been
REMEDY = (
    "take off the mean of each column and divide by its deviation, best in the model itself:"
    " (x - mean) / deviation"
)


def harmful(
    scene: Scene, data: Arrays, loss_of: Callable[[Arrays], float], compared: Collection[str]
) -> str:
    """Before training: that inputs are not scaled, and that the loss would begin far lower if so.

    `loss_of(data)` is the loss of the first parameters. What outputs are `compared` with stays as
    it is.
    """
    odd = {name: text for name, text in _odd(scene, data) if name not in compared}
    if not odd:
        return ""
    scaled = {name: _scaled(data[name], scene.rows.get(name, 0)) for name in odd}
    begun, better = loss_of(data), loss_of({**data, **scaled})
    if not begun > HARM * better > 0:
        return ""
    return (
        f"{next(iter(odd.values()))}. The loss begins at {begun:.3g}, and with scaled numbers at"
        f" {better:.3g}: {REMEDY}"
    )


def unscaled(evidence: Evidence) -> str:
    """That an input which a layer reads as it is has large numbers, or very unequal columns."""
    return next((f"{text}: {REMEDY}" for _, text in _odd(evidence.scene, evidence.data)), "")


def poor(evidence: Evidence, tasks: Sequence[Task]) -> str:
    """That little has been learnt from inputs that are not scaled."""
    text = unscaled(evidence) if len(evidence.epochs) >= ENOUGH else ""
    if text and any(_skill(evidence, task) < POOR for task in tasks):
        return f"little has been learnt, and {text}"
    return ""


def _odd(scene: Scene, data: Arrays) -> Iterator[tuple[str, str]]:
    """The inputs that are not scaled, each with what is odd about it."""
    for name in scene.read:
        values, rows = np.asarray(data[name], np.float64), scene.rows.get(name, 0)
        if np.sqrt(np.mean(values**2)) > LARGE:
            reached = _number(float(abs(values).max()))
            yield name, f"`{name}` reaches {reached}, where a layer expects numbers of about 1"
        elif values.ndim == 2:
            sizes = np.sqrt(np.mean(values**2, axis=rows))
            sizes = sizes[sizes > 0]
            if sizes.size > 1 and sizes.max() > UNEQUAL * sizes.min():
                times = _number(sizes.max() / sizes.min())
                yield name, f"columns of `{name}` are {times} times as large as others"


def _scaled(values: NDArray[Any], rows: int) -> NDArray[np.float64]:
    wide = np.asarray(values, np.float64)
    deviation = wide.std(axis=rows, keepdims=True)
    scaled: NDArray[np.float64] = wide - wide.mean(axis=rows, keepdims=True)
    return np.divide(scaled, np.where(deviation > 0, deviation, 1))


def _skill(evidence: Evidence, task: Task) -> float:
    """What an output has learnt: 0 is the best guess without inputs, 1 is all right."""
    output, truth = evidence.outputs[task.output], [*evidence.data.values()][task.data]
    if task.classify is None:
        explained = task.measures.get("r2")
        return 1.0 if explained is None else explained(output, truth, lambda: 0.0)
    predicted, right, _ = task.classify(output, truth)
    guess = np.unique(right, return_counts=True)[1].max() / right.size
    return float((np.mean(predicted == right) - guess) / (1 - guess)) if guess < 1 else 1.0


def _number(value: float) -> str:
    return f"{float(f'{value:.2g}'):,.0f}"

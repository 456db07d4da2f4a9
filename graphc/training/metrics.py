"""How good a model is at its task, in the numbers that people use for such a task.

What the task is follows from the loss and from the data: shares of right answers for classes and
decisions, perplexity for models of language, R² and the mean absolute error for anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphc.data import batch_axes

if TYPE_CHECKING:
    from graphc.compared import Comparison
    from graphc.model import Data, Model
    from graphc.training.trainer import Trainer

Arrays = tuple[NDArray[Any], ...]
Judge = Callable[[], float]  # the loss of the rows in question
Measure = Callable[[NDArray[Any], NDArray[Any], Judge], float]

ROWS = 4096  # looked at, at once
THRESHOLDS = {"probabilities": 0.5, "logits": 0.0}
TITLES = {"accuracy": "accuracy", "perplexity": "perplexity", "r2": "R²", "mae": "MAE"}


@dataclass(frozen=True)
class Task:
    """What one output is to be like, and how that is measured, by the names of the metrics."""

    output: str
    data: int  # the place of what it is compared with
    measures: Mapping[str, Measure]


class Metrics:
    """The metrics of a model, found in what its loss compares and in `parts`, all of its data.

    `names` are theirs, the most telling one first; those of several outputs have the name of what
    each is compared with before them, as in `kind_accuracy`.
    """

    def __init__(self, model: Model, *parts: Arrays) -> None:
        self._outputs, self._data = model.outputs, model.data
        self._tasks = [task for one in model.compared if (task := task_of(one, model, parts))]
        self.names: list[str] = []
        for task in self._tasks:
            prefix = f"{self._data[task.data].name}_" if len(self._tasks) > 1 else ""
            self.names += [prefix + name for name in task.measures]

    def measure(self, trainer: Trainer, arrays: Arrays, judge: Judge) -> dict[str, float]:
        """The metrics of some rows, by name, but for those that are not finite.

        `judge()` is the loss of these rows.
        """
        if not self._tasks:
            return {}
        given = zip(self._data, arrays, strict=True)
        try:
            outputs = trainer.predict(*(array for entry, array in given if entry.kind == "input"))
        except FloatingPointError:
            return {}
        if not isinstance(outputs, dict):
            outputs = {self._outputs[0]: outputs}
        found: list[float] = []
        with np.errstate(all="ignore"):
            for task in self._tasks:
                output, truth = np.asarray(outputs[task.output]), arrays[task.data]
                found += [measure(output, truth, judge) for measure in task.measures.values()]
        named = zip(self.names, found, strict=True)
        return {name: value for name, value in named if np.isfinite(value)}


def task_of(one: Comparison, model: Model, parts: Sequence[Arrays]) -> Task | None:
    """The task of an output that is compared with data; None if nothing sensible is known of it."""
    place = next(place for place, entry in enumerate(model.data) if entry.name == one.data)
    entry, truths = model.data[place], [arrays[place] for arrays in parts]
    measures: dict[str, Measure] = {}
    if entry.integer:
        measures["accuracy"] = _right_class
        # words and letters go in as numbers too; of classes that are told apart, nobody asks it
        if one.alone and any(other.integer and other.kind == "input" for other in model.data):
            measures["perplexity"] = _perplexity
    elif one.holds != "values" and all(_is_one_hot(truth, _class_axis(entry)) for truth in truths):
        measures["accuracy"] = _right_place(_class_axis(entry))
    elif one.holds in THRESHOLDS and all(map(_is_decided, truths)):
        measures["accuracy"] = _right_side(THRESHOLDS[one.holds])
    elif one.holds in ("values", "probabilities"):
        axes = batch_axes(entry) or None
        if np.any(np.ptp(truths[-1], axis=axes)):  # of a constant there is no variance
            measures["r2"] = _explained(axes)
        measures["mae"] = _absolute_error
    return Task(one.output, place, measures) if measures else None


def told(name: str, value: float, *, padded: bool = False) -> str:
    """A metric as a text: `accuracy 97.5 %`, `R² 0.9812`; `padded` to the width of any other."""
    prefix, _, kind = name.rpartition("_")
    words = " ".join(filter(None, [prefix, TITLES[kind]]))
    number, width = f"{value:.4g}", 8
    if kind == "accuracy":
        number, width = f"{100 * value:.1f} %", 7
    elif kind == "r2" and value > -10:
        number, width = f"{value:.4f}", 7
    return f"{words} {number:>{width}}" if padded else f"{words} {number}"


def _class_axis(entry: Data) -> int:
    """The axis of the classes: the last, or the first where rows are columns."""
    return 0 if batch_axes(entry) == (1,) and len(entry.shape) == 2 else -1


def _perplexity(output: NDArray[Any], truth: NDArray[Any], judge: Judge) -> float:
    return float(np.exp(judge()))


def _right_class(output: NDArray[Any], truth: NDArray[Any], judge: Judge) -> float:
    return float(np.mean(output.reshape(*truth.shape, -1).argmax(axis=-1) == truth))


def _right_place(axis: int) -> Measure:
    def measure(output: NDArray[Any], truth: NDArray[Any], judge: Judge) -> float:
        output = output.reshape(truth.shape)
        return float(np.mean(output.argmax(axis=axis) == truth.argmax(axis=axis)))

    return measure


def _right_side(threshold: float) -> Measure:
    def measure(output: NDArray[Any], truth: NDArray[Any], judge: Judge) -> float:
        return float(np.mean((output.reshape(truth.shape) > threshold) == (truth > 0.5)))

    return measure


def _absolute_error(output: NDArray[Any], truth: NDArray[Any], judge: Judge) -> float:
    return _sum(np.abs, output, truth) / truth.size


def _explained(axes: tuple[int, ...] | None) -> Measure:
    """The share of the variance that is explained, of all columns together."""

    def measure(output: NDArray[Any], truth: NDArray[Any], judge: Judge) -> float:
        mean = truth.mean(axis=axes, keepdims=True, dtype=np.float64)
        spread = _sum(np.square, np.broadcast_to(mean, truth.shape), truth)
        return 1 - _sum(np.square, output, truth) / spread

    return measure


def _sum(of: np.ufunc, output: NDArray[Any], truth: NDArray[Any]) -> float:
    """The sum of a function of the differences, which are never all in memory."""
    pairs = zip(_parts(output.reshape(truth.shape)), _parts(truth), strict=True)
    return sum(float(of(np.subtract(one, other, dtype=np.float64)).sum()) for one, other in pairs)


def _parts(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Some rows after the other."""
    array = np.atleast_1d(array)
    return (array[start : start + ROWS] for start in range(0, len(array), ROWS))


def _is_decided(truth: NDArray[Any]) -> bool:
    """Whether there is nothing but 0 and 1."""
    return all(bool(np.all((part == 0) | (part == 1))) for part in _parts(truth))


def _is_one_hot(truth: NDArray[Any], axis: int) -> bool:
    """Whether each row is a 1 among zeros."""
    several = truth.ndim > 1 and truth.shape[axis] > 1
    return several and _is_decided(truth) and bool(np.all(truth.sum(axis=axis) == 1))

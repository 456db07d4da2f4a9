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
from graphc.data.output import predicted
from graphc.data.rows import Arrays

if TYPE_CHECKING:
    from graphc.compared import Comparison
    from graphc.model import Data, Model
    from graphc.training.trainer import Trainer

Judge = Callable[[], float]  # the loss of the rows in question
Measure = Callable[[NDArray[Any], NDArray[Any], Judge], float]
Classes = tuple[NDArray[Any], NDArray[Any], int]  # those predicted, the right ones, how many
Classify = Callable[[NDArray[Any], NDArray[Any]], Classes]

ROWS = 4096  # looked at, at once
THRESHOLDS = {"probabilities": 0.5, "logits": 0.0}
TITLES = {"accuracy": "accuracy", "perplexity": "perplexity", "r2": "R²", "mae": "MAE"}


@dataclass(frozen=True)
class Task:
    """What one output is to be like, and how that is measured, by the names of the metrics.

    Where the task is to tell classes, `classify(output, truth)` gives their numbers.
    """

    output: str
    data: int  # the place of what it is compared with
    measures: Mapping[str, Measure]
    classify: Classify | None = None


class Metrics:
    """The metrics of a model, found in what its loss compares and in `parts`, all of its data.

    `names` are theirs, the most telling one first; those of several outputs have the name of what
    each is compared with before them, as in `kind_accuracy`.
    """

    def __init__(self, model: Model, *parts: Arrays) -> None:
        self._outputs, self._data = model.outputs, model.data
        self.tasks = [task for one in model.compared if (task := task_of(one, model, parts))]
        self.names: list[str] = []
        for task in self.tasks:
            prefix = f"{self._data[task.data].name}_" if len(self.tasks) > 1 else ""
            self.names += [prefix + name for name in task.measures]

    def measure(self, trainer: Trainer, arrays: Arrays, judge: Judge) -> dict[str, float]:
        """The metrics of some rows, by name, but for those that are not finite.

        `judge()` is the loss of these rows.
        """
        if not self.tasks:
            return {}
        try:
            outputs = predicted(trainer.predict, self._outputs, self._data, arrays)
        except FloatingPointError:
            return {}
        found: list[float] = []
        with np.errstate(all="ignore"):
            for task in self.tasks:
                output, truth = outputs[task.output], arrays[task.data]
                found += [measure(output, truth, judge) for measure in task.measures.values()]
        named = zip(self.names, found, strict=True)
        return {name: value for name, value in named if np.isfinite(value)}


def task_of(one: Comparison, model: Model, parts: Sequence[Arrays]) -> Task | None:
    """The task of an output that is compared with data; None if nothing sensible is known of it."""
    place = next(place for place, entry in enumerate(model.data) if entry.name == one.data)
    entry, truths = model.data[place], [arrays[place] for arrays in parts]
    measures: dict[str, Measure] = {}
    classify: Classify | None = None
    if entry.integer:
        classify = _by_score
        # words and letters go in as numbers too; of classes that are told apart, nobody asks it
        if one.alone and any(other.integer and other.kind == "input" for other in model.data):
            measures["perplexity"] = _perplexity
    elif one.holds != "values" and all(_is_one_hot(truth, _class_axis(entry)) for truth in truths):
        classify = _by_place(_class_axis(entry))
    elif one.holds in THRESHOLDS and all(map(_is_decided, truths)):
        classify = _by_side(THRESHOLDS[one.holds])
    elif one.holds in ("values", "probabilities"):
        axes = batch_axes(entry) or None
        if np.any(np.ptp(truths[-1], axis=axes)):  # of a constant there is no variance
            measures["r2"] = _explained(axes)
        measures["mae"] = _absolute_error
    if classify is not None:
        measures = {"accuracy": _right(classify), **measures}
    return Task(one.output, place, measures, classify) if measures else None


def title(name: str) -> str:
    """What a metric is called: `kind accuracy`, `R²`."""
    prefix, _, kind = name.rpartition("_")
    return " ".join(filter(None, [prefix, TITLES[kind]]))


def is_share(name: str) -> bool:
    """Whether a metric is told in percent."""
    return name.rpartition("_")[2] == "accuracy"


def number(name: str, value: float) -> str:
    """The value of a metric as a text: `97.5 %`, `0.9812`."""
    if is_share(name):
        return percent(value)
    return f"{value:.4f}" if name.endswith("r2") and value > -10 else f"{value:.4g}"


def percent(share: float) -> str:
    """A share as a text: `97.5 %`."""
    return f"{100 * share:.1f} %"


def told(name: str, value: float, *, padded: bool = False) -> str:
    """A metric as a text: `accuracy 97.5 %`, `R² 0.9812`; `padded` to the width of any other."""
    width = padded * (7 if is_share(name) or name.endswith("r2") else 8)
    return f"{title(name)} {number(name, value).rjust(width)}"


def _class_axis(entry: Data) -> int:
    """The axis of the classes: the last, or the first where rows are columns."""
    return 0 if batch_axes(entry) == (1,) and len(entry.shape) == 2 else -1


def _perplexity(output: NDArray[Any], truth: NDArray[Any], judge: Judge) -> float:
    return float(np.exp(judge()))


def _right(classify: Classify) -> Measure:
    def measure(output: NDArray[Any], truth: NDArray[Any], judge: Judge) -> float:
        predicted, right, _ = classify(output, truth)
        return float(np.mean(predicted == right))

    return measure


def _by_score(output: NDArray[Any], truth: NDArray[Any]) -> Classes:
    scores = output.reshape(*truth.shape, -1)
    return scores.argmax(axis=-1), truth, scores.shape[-1]


def _by_place(axis: int) -> Classify:
    def classify(output: NDArray[Any], truth: NDArray[Any]) -> Classes:
        output = output.reshape(truth.shape)
        return output.argmax(axis=axis), truth.argmax(axis=axis), truth.shape[axis]

    return classify


def _by_side(threshold: float) -> Classify:
    def classify(output: NDArray[Any], truth: NDArray[Any]) -> Classes:
        return output.reshape(truth.shape) > threshold, truth > 0.5, 2

    return classify


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

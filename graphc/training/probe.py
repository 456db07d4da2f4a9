"""A look at a trainer while it trains, which changes nothing of it: parameters and gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphc.data.output import predicted
from graphc.data.rows import Arrays, row_count, take
from graphc.training.trainer import Trainer

if TYPE_CHECKING:
    from graphc.model import Data, Model

ROWS = 1000  # that are looked at, at most
ROOM = 1 << 25  # bytes of a step on them, unless one of training takes more


@dataclass(frozen=True)
class Look:
    """A trainer after `epoch`: copies of its parameters, and the loss's gradient, by name.

    Both are of the training loss on the rows of the probe, all taken at once.
    """

    epoch: int
    loss: float
    params: Mapping[str, NDArray[Any]]
    gradients: Mapping[str, NDArray[Any]]


class Probe:
    """Looks at a trainer on some rows of its training data, the same ones each time.

    `arrays` are that data, `batch_size` the rows of a step of training. A spare trainer with the
    same parameters does the work, so that no random number of the run is drawn and no running
    statistic moves: a run ends with the same bits however often it is looked at.
    """

    def __init__(self, trainer: Trainer, model: Model, arrays: Arrays, batch_size: int = 1) -> None:
        self._trainer, self._model, self._arrays = trainer, model, arrays
        self._count = row_count(model.data, arrays)
        self.rows: int | None = None
        if self._count is not None:
            self.rows = _affordable(model, arrays, self._count, batch_size)

    @cached_property
    def sample(self) -> Arrays:
        """The rows that are looked at."""
        if self._count is None or self.rows is None or self.rows == self._count:
            return self._arrays
        rows = np.random.default_rng(0).choice(self._count, self.rows, replace=False)
        return take(self._model.data, self._arrays, np.sort(rows))

    @cached_property
    def _spare(self) -> Trainer:
        return type(self._trainer)()

    def look(self, params: Mapping[str, NDArray[Any]] | None = None) -> Look:
        """The trainer as it is now, or as it was with `params`; as long as a step on the rows."""
        spare = self._with(self._trainer.params if params is None else params)
        loss, gradient = spare.loss_and_gradient(*self.sample)
        copies = {name: value.copy() for name, value in spare.params.items()}
        return Look(self._trainer.epoch, float(loss), copies, self._named(gradient))

    def loss(self, params: Mapping[str, NDArray[Any]], rows: Arrays | None = None) -> float:
        """The training loss of other parameters on the same rows, or on others."""
        given = self.sample if rows is None else rows
        return float(self._with(params).loss_and_gradient(*given)[0])

    def outputs(self, look: Look) -> Mapping[str, NDArray[Any]]:
        """What the model of a look predicts for the rows, by the names of the outputs."""
        if not self._model.outputs:  # then there is no `predict`
            return {}
        model, predict = self._model, self._with(look.params).predict
        return predicted(predict, model.outputs, model.data, self.sample)

    def _with(self, params: Mapping[str, NDArray[Any]]) -> Trainer:
        """The spare trainer with these parameters."""
        for name, value in self._spare.params.items():
            value[...] = params[name]
        return self._spare

    def _named(self, gradient: NDArray[Any]) -> Mapping[str, NDArray[Any]]:
        """The parts of a gradient by the parameters' names; `theta` holds them one by one."""
        sizes = [value.size for value in self._spare.params.values()]
        parts = np.split(gradient, np.cumsum(sizes)[:-1])
        shaped = zip(self._spare.params.items(), parts, strict=True)
        return {name: part.reshape(value.shape) for (name, value), part in shaped}


def sizes(data: Sequence[Data], arrays: Arrays) -> dict[str, int]:
    """The run-time sizes of data by name, the number of rows (`batch`) among them."""
    return {
        size: length
        for entry, array in zip(data, arrays, strict=True)
        for size, length in zip(entry.shape, array.shape, strict=True)
        if isinstance(size, str)
    }


def other_sizes(model: Model, arrays: Arrays) -> dict[str, int]:
    """The run-time sizes of data, but for the number of rows."""
    found = sizes(model.data, arrays)
    return {name: size for name, size in found.items() if name != "batch"}


def _affordable(model: Model, arrays: Arrays, count: int, batch_size: int) -> int:
    """How many rows a step can take at once in the room there is."""
    others = other_sizes(model, arrays)
    rows, least = min(count, ROWS), min(count, batch_size)
    while rows > least and model.memory(rows, **others) > ROOM:
        rows = max(rows // 2, least)
    return rows

"""What training needs of the `Trainer` of an emitted module, and a copy of its state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Trainer(Protocol):
    """The part of an emitted `Trainer` that is used here."""

    epoch: int
    steps: int
    theta: NDArray[Any]

    @property
    def params(self) -> Mapping[str, NDArray[Any]]:
        """The parameters by name: views into `theta`."""

    def fit(self, *data: NDArray[Any], **options: Any) -> list[float]:
        """Train; `on_epoch(trainer, loss)` is called after each epoch, and ends it by True."""

    def predict(self, *inputs: NDArray[Any]) -> Any:
        """The output, or a dict of the outputs by name."""

    def loss(self, *data: NDArray[Any]) -> float:
        """The loss in evaluation mode."""

    def save(self, path: str | Path) -> None:
        """Write parameters, optimizer state, counters and random state, atomically."""


class Snapshot:
    """A copy in memory of everything in a trainer that training changes.

    That is what stands in its attributes as arrays, numbers and random generators; it is taken
    each epoch, so it costs a copy of the parameters and no file.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._arrays = {
            name: value.copy()
            for name, value in vars(trainer).items()
            if isinstance(value, np.ndarray)
        }
        self.take()

    def take(self) -> None:
        """Copy the trainer's state as it is now."""
        state = vars(self._trainer)
        for name, copy in self._arrays.items():
            np.copyto(copy, state[name])
        self._numbers = {
            name: value for name, value in state.items() if isinstance(value, bool | int | float)
        }
        self._random = {
            name: value.bit_generator.state
            for name, value in state.items()
            if isinstance(value, np.random.Generator)
        }

    def restore(self) -> None:
        """Put the trainer back to where `take` was last called."""
        state = vars(self._trainer)
        for name, copy in self._arrays.items():
            np.copyto(state[name], copy)
        state.update(self._numbers)
        for name, random in self._random.items():
            state[name].bit_generator.state = random

"""How a run is doing: loss, held-out loss, accuracy, speed, time left."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from graphc.model import Data
    from graphc.training.trainer import Trainer

Arrays = tuple[NDArray[Any], ...]


def class_output(data: Sequence[Data], arrays: Arrays, outputs: Any) -> int | None:
    """The place of the first output that scores the classes of the first integer target.

    That is an output with the target's shape and one axis more, the last, for the classes.
    """
    scores = list(outputs.values()) if isinstance(outputs, dict) else [outputs]
    for entry, labels in zip(data, arrays, strict=True):
        if entry.kind == "target" and entry.integer:
            for place, score in enumerate(scores):
                shape = np.shape(score)
                classes = shape[-1] if shape else 0
                if shape[:-1] == labels.shape and classes == (entry.classes or max(classes, 2)):
                    return place
            return None
    return None


def accuracy(trainer: Trainer, data: Sequence[Data], arrays: Arrays) -> float | None:
    """The share of labels for which the output's largest score is theirs; None without classes."""
    labels = [a for e, a in zip(data, arrays, strict=True) if e.kind == "target" and e.integer]
    if not labels:
        return None
    inputs = [array for entry, array in zip(data, arrays, strict=True) if entry.kind == "input"]
    outputs = trainer.predict(*inputs)
    place = class_output(data, arrays, outputs)
    if place is None:
        return None
    scores = list(outputs.values())[place] if isinstance(outputs, dict) else outputs
    return float(np.mean(np.argmax(scores, axis=-1) == labels[0]))


@dataclass(frozen=True)
class Reading:
    """The state of a run after an epoch; a text of it is one line."""

    epoch: int
    epochs: int
    loss: float | None
    held_loss: float | None
    accuracy: float | None
    rate: str
    left: float

    def parts(self) -> list[str]:
        """The line, in the parts that progress shows."""
        epoch = f"epoch {self.epoch:>{len(str(self.epochs))}}/{self.epochs}"
        parts = [epoch]
        if self.loss is not None:
            parts.append(f"loss {self.loss:<9.4g}")
        if self.held_loss is not None:
            parts.append(f"held-out {self.held_loss:<9.4g}")
        if self.accuracy is not None:
            kind = "training accuracy" if self.held_loss is None else "accuracy"
            parts.append(f"{kind} {percent(self.accuracy):>7}")
        if self.rate:
            parts.append(self.rate)
        if self.left:
            parts.append(f"{seconds(self.left)} left")
        return parts


class Meter:
    """Measures a run of `epochs` epochs (counted from `first`) over the rows of `train`."""

    def __init__(
        self,
        trainer: Trainer,
        data: Sequence[Data],
        train: Arrays,
        held: Arrays | None,
        rows: int | None,
        batch_size: int,
        first: int,
        epochs: int,
    ) -> None:
        self.trainer, self.data, self.train, self.held = trainer, data, train, held
        self.rows, self.first, self.epochs = rows, first, epochs
        self.steps_per_epoch = math.ceil(rows / batch_size) if rows else 1
        self.losses: list[float] = []
        self._steps = trainer.steps
        self._started = time.perf_counter()

    @property
    def epoch(self) -> int:
        """Epochs done, those before this run included."""
        return self.first + len(self.losses)

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self._started

    @property
    def done(self) -> float:
        """The part of this run that is done, from 0 to 1, by its steps."""
        total = (self.epochs - self.first) * self.steps_per_epoch
        return min(1.0, (self.trainer.steps - self._steps) / total)

    def evaluate(self) -> tuple[float | None, float | None]:
        """Held-out loss, and accuracy on the held-out rows (on all if none are held out)."""
        held_loss = None if self.held is None else float(self.trainer.loss(*self.held))
        return held_loss, accuracy(self.trainer, self.data, self.held or self.train)

    def read(self, held_loss: float | None, score: float | None) -> Reading:
        """The state of the run now, with what `evaluate` gave last."""
        steps, elapsed = self.trainer.steps - self._steps, max(self.elapsed, 1e-9)
        per_step = self.rows / self.steps_per_epoch if self.rows else 1
        unit = "samples" if self.rows else "steps"
        rate = f"{_rounded(steps * per_step / elapsed)} {unit}/s" if steps else ""
        left = elapsed * (1 - self.done) / self.done if self.done else 0.0
        loss = self.losses[-1] if self.losses else None
        return Reading(self.epoch, self.epochs, loss, held_loss, score, rate, left)


def percent(share: float) -> str:
    """A share as a text: `97.5 %`."""
    return f"{100 * share:.1f} %"


def seconds(duration: float) -> str:
    """A duration as a text: `40 ms`, `1.3 s`, `12 s`, `3 min 20 s`, `2 h 5 min`."""
    if duration < 0.995:
        return f"{math.ceil(1000 * duration)} ms"
    if duration < 9.95:
        return f"{duration:.1f} s"
    whole = round(duration)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _rounded(rate: float) -> str:
    """A rate to two digits, which is all that it is worth: `48,000`."""
    return f"{float(f'{rate:.2g}'):,.0f}"

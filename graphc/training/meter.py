"""How a run is doing: loss, held-out loss, accuracy, speed, time left."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphc.data import row_count
from graphc.training.history import Epoch, History

if TYPE_CHECKING:
    from graphc.model import Data
    from graphc.training.trainer import Trainer

Arrays = tuple[NDArray[Any], ...]
SHARE = 0.1  # of the time, which evaluation may take where nobody asks for every epoch


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
    rate: float  # units per second
    unit: str
    left: float  # seconds

    def line(self, width: int | None = None) -> str:
        """The line in at most `width` characters: written shorter, then with parts left out."""
        line = "  ".join(self._parts(compact=False)).rstrip()
        if width is None or len(line) <= width:
            return line
        parts = self._parts(compact=True)
        while len(parts) > 1 and len(" ".join(parts)) > width:
            parts.pop()
        return " ".join(parts)[:width]

    def _parts(self, compact: bool) -> list[str]:
        def number(value: float) -> str:
            return f"{value:.3g}" if compact else f"{value:<9.4g}"

        parts = [f"epoch {self.epoch:>{len(str(self.epochs))}}/{self.epochs}"]
        if self.loss is not None:
            parts.append(f"loss {number(self.loss)}")
        if self.held_loss is not None:
            parts.append(f"held-out {number(self.held_loss)}")
        if self.accuracy is not None:
            kind = "accuracy" if compact or self.held_loss is not None else "training accuracy"
            parts.append(f"{kind} {percent(self.accuracy):>{6 if compact else 7}}")
        if self.rate:
            parts.append(_short(self.rate) if compact else f"{_rounded(self.rate)} {self.unit}/s")
        if self.left >= 1:
            parts.append(f"{clock(self.left) if compact else seconds(self.left)} left")
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
        self.held_rows = None if held is None else row_count(data, held)
        self.steps_per_epoch = math.ceil(rows / batch_size) if rows else 1
        self.history = History(first)
        self.held_loss: float | None = None
        self.metrics: Mapping[str, float] = {}
        self._steps = trainer.steps
        self._judged: tuple[int, float] | None = None
        self._due = 0.0
        self.start()

    def start(self) -> None:
        """The run begins now."""
        self._started = time.perf_counter()

    @property
    def epoch(self) -> int:
        """Epochs done, those before this run included."""
        return self.first + len(self.history)

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self._started

    @property
    def done(self) -> float:
        """The part of this run that is done, from 0 to 1, by its steps."""
        total = (self.epochs - self.first) * self.steps_per_epoch
        return min(1.0, (self.trainer.steps - self._steps) / max(total, 1))

    @property
    def affordable(self) -> bool:
        """Whether to evaluate now leaves evaluation its share of the time."""
        return self.elapsed >= self._due

    def add(self, loss: float, *, evaluate: bool) -> Epoch:
        """Called after each epoch, with the loss of its steps; it can be left unevaluated."""
        held_loss, metrics = self.evaluate() if evaluate else (None, {})
        epoch = Epoch(self.epoch + 1, loss, held_loss, metrics, self.elapsed)
        self.history.add(epoch)
        return epoch

    def evaluate(self) -> tuple[float | None, Mapping[str, float]]:
        """Held-out loss, and metrics of the held-out rows (of all if none are held out)."""
        started = self.elapsed
        self.held_loss = None if self.held is None else self.judge()
        score = accuracy(self.trainer, self.data, self.held or self.train)
        self.metrics = {} if score is None else {"accuracy": score}
        self._due = started + (self.elapsed - started) / SHARE
        return self.held_loss, self.metrics

    def judge(self) -> float:
        """The loss of the held-out rows, of all if none are, in evaluation mode."""
        steps = self.trainer.steps
        if self._judged is None or self._judged[0] != steps:
            self._judged = steps, float(self.trainer.loss(*(self.held or self.train)))
        return self._judged[1]

    def read(self) -> Reading:
        """The state of the run now, with what `evaluate` gave last."""
        steps, elapsed = self.trainer.steps - self._steps, max(self.elapsed, 1e-9)
        per_step = self.rows / self.steps_per_epoch if self.rows else 1
        unit = "samples" if self.rows else "steps"
        rate = steps * per_step / elapsed
        left = elapsed * (1 - self.done) / self.done if self.done else 0.0
        loss = self.history.epochs[-1].loss if self.history else None
        score = self.metrics.get("accuracy")
        return Reading(self.epoch, self.epochs, loss, self.held_loss, score, rate, unit, left)


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


def clock(duration: float) -> str:
    """A duration as a clock shows it: `0:12`, `3:20`, `2:05:00`."""
    minutes, rest = divmod(round(duration), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _rounded(rate: float) -> str:
    """A rate to two digits, which is all that it is worth: `48,000`."""
    return f"{float(f'{rate:.2g}'):,.0f}"


def _short(rate: float) -> str:
    """A rate in four characters at most: `850/s`, `48k/s`, `1.2M/s`."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if rate >= size:
            return f"{float(f'{rate / size:.2g}'):g}{unit}/s"
    return f"{rate:.0f}/s"

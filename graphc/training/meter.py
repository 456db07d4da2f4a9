"""How a run is doing: loss, held-out loss, accuracy, speed, time left."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphc.data import row_count
from graphc.data.rows import Arrays
from graphc.training.history import Epoch, History
from graphc.training.metrics import Metrics, Task, told

if TYPE_CHECKING:
    from graphc.model import Model
    from graphc.training.trainer import Trainer

WARM_UP = 10  # seconds, of which the first epoch may take some to begin with
SHARE = 0.1  # of the time, which evaluation may take where nobody asks for every epoch


@dataclass(frozen=True)
class Reading:
    """The state of a run after an epoch; a text of it is one line."""

    epoch: int
    epochs: int
    loss: float | None
    held_loss: float | None
    metric: tuple[str, float] | None  # the most telling one
    rate: float  # units per second of the steps alone
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
        if self.metric is not None:
            kind = "" if compact or self.held_loss is not None else "training "
            parts.append(kind + told(*self.metric, padded=not compact))
        if self.rate:
            parts.append(_short(self.rate) if compact else f"{rounded(self.rate)} {self.unit}/s")
        if self.left >= 1:
            parts.append(f"{clock(self.left) if compact else seconds(self.left)} left")
        return parts


class Meter:
    """Measures a run of `epochs` epochs (counted from `first`) over the rows of `train`."""

    def __init__(
        self,
        trainer: Trainer,
        model: Model,
        train: Arrays,
        held: Arrays | None,
        rows: int | None,
        batch_size: int,
        first: int,
        epochs: int,
    ) -> None:
        self.trainer, self.train, self.held = trainer, train, held
        self._metrics = Metrics(model, train, *([held] if held else []))
        self.metric_names = self._metrics.names
        self.rows, self.first, self.epochs = rows, first, epochs
        self.held_rows = None if held is None else row_count(model.data, held)
        self.batch = min(batch_size, rows) if rows else None
        self.steps_per_epoch = math.ceil(rows / batch_size) if rows else 1
        self.history = History(first)
        self.held_loss: float | None = None
        self.metrics: Mapping[str, float] = {}
        self._steps = trainer.steps
        self._judged: tuple[int, float] | None = None
        self._evaluated = -1  # the step after which it was last evaluated
        self._due = 0.0
        self.start()

    def start(self) -> None:
        """The run begins now."""
        self._started = time.perf_counter()
        self._beside = self._ended = self._warm = 0.0

    @contextmanager
    def between(self) -> Iterator[None]:
        """What is done between two epochs, whose time is not that of the steps."""
        started = self.elapsed
        yield
        self._ended = self.elapsed
        if len(self.history) == 1:
            self._warm = self._ended
        self._beside += self._ended - started

    @property
    def epoch(self) -> int:
        """Epochs done, those before this run included."""
        return self.first + len(self.history)

    @property
    def tasks(self) -> Sequence[Task]:
        """What the outputs are to be like."""
        return self._metrics.tasks

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self._started

    @property
    def step_time(self) -> float:
        """Seconds that a step of the whole epochs took; there must be one."""
        return (self._ended - self._beside) / (len(self.history) * self.steps_per_epoch)

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
        if self._evaluated != self.trainer.steps:
            self._evaluated = self.trainer.steps
            self.held_loss = None if self.held is None else self.judge()
            self.metrics = self._metrics.measure(self.trainer, self.held or self.train, self.judge)
            self._due = started + (self.elapsed - started) / SHARE
        return self.held_loss, self.metrics

    def end(self) -> None:
        """After a run: its last epoch is evaluated, unless the trainer has gone back before it."""
        if self.trainer.epoch == self.epoch:
            with suppress(FloatingPointError):  # which the run has told
                held_loss, metrics = self.evaluate()
                if held_loss is not None:
                    self.history.judge(held_loss, metrics)

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
        rate = steps * per_step / max(elapsed - self._beside, 1e-9)
        loss = self.history.epochs[-1].loss if self.history else None
        metric = next(iter(self.metrics.items()), None)
        left = self._left()
        return Reading(self.epoch, self.epochs, loss, self.held_loss, metric, rate, unit, left)

    def _left(self) -> float:
        """Seconds left, by all epochs but the first, which is slow; 0 as long as nobody can say."""
        elapsed, done = self.elapsed, self.done
        if len(self.history) > 1:
            elapsed, done = elapsed - self._warm, done - 1 / (self.epochs - self.first)
        elif elapsed < WARM_UP:
            return 0.0
        return elapsed * (1 - self.done) / done if done > 0 else 0.0


def seconds(duration: float) -> str:
    """A duration as a text: `410 µs`, `4.1 ms`, `40 ms`, `1.3 s`, `3 min 20 s`, `2 h 5 min`."""
    if duration < 0.000995:
        return f"{float(f'{1e6 * duration:.2g}'):.0f} µs"
    if duration < 0.00995:
        return f"{1000 * duration:.1f} ms"
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


def rounded(rate: float) -> str:
    """A rate to two digits, which is all that it is worth: `48,000`."""
    return f"{float(f'{rate:.2g}'):,.0f}"


def _short(rate: float) -> str:
    """A rate in four characters at most: `850/s`, `48k/s`, `1.2M/s`."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if rate >= size:
            return f"{float(f'{rate / size:.2g}'):g}{unit}/s"
    return f"{rate:.0f}/s"

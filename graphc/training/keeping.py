"""What a training run would leave behind if it ended now, and the file that holds it meanwhile."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphc.training.trainer import Trainer

OFTEN = 10  # seconds from one write to the next
SHARE = 0.1  # of the time, which writing may take


class Kept:
    """The trainer as it was after the last whole epoch, written to `path` every so often.

    With `patience` it is that after the best epoch: the one after which `judge()`, a loss, was
    least. The file at `path` is what a run that stopped there would have saved; to go on from it is
    to go the same way again. Without a path nothing is written. `every` is a number of seconds;
    0 writes after each epoch.
    """

    def __init__(
        self,
        trainer: Trainer,
        path: Path | None,
        every: float,
        complain: Callable[[str], None],
        *,
        patience: int | None = None,
        judge: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._trainer, self._path, self._every = trainer, path, every
        self._complain, self._told = complain, False
        self._patience, self._judge = patience, judge
        self._best, self._waited = math.inf, 0
        self._due = time.perf_counter() + every
        self._spare: Trainer | None = None
        self._keep()

    def begin(self) -> None:
        """Called before the first epoch."""
        if self._patience and self._trainer.epoch:
            # that of a checkpoint is the best so far; it is judged anew, since data may change
            self._best = self._judge()

    @property
    def out_of_patience(self) -> bool:
        """Whether no epoch has been better for as many as there is patience for."""
        return bool(self._patience) and self._waited >= (self._patience or 0)

    def take(self) -> None:
        """Keep the trainer as it is, at the end of an epoch; write what is kept if it is time."""
        judged = self._judge() if self._patience else -math.inf
        self._waited += 1
        if not self._patience or judged < self._best:
            self._best, self._waited = judged, 0
            self._keep()
        elif not math.isfinite(self._best):  # none could be judged, so the last is kept
            self._keep()
        if self._path is not None and not self._written and time.perf_counter() >= self._due:
            self._write(self._path)

    def put_back(self) -> None:
        """Make the trainer what is kept, whatever it has done since."""
        self._trainer.__setstate__(self._state)

    def _keep(self) -> None:
        self._state, self.epoch = self._trainer.__getstate__(), self._trainer.epoch
        self._written = False

    def _write(self, path: Path) -> None:
        started = time.perf_counter()
        trainer = self._trainer
        try:
            if self._waited:  # it has gone on from what is kept
                trainer = self._spare = self._spare or type(trainer)()
                trainer.__setstate__(self._state)
            trainer.save(path)
            self._written = True
        except OSError as error:
            # what is learnt is worth more than its copy, and the disk may have room again
            if not self._told:
                with contextlib.suppress(OSError):  # what is printed may be on the same disk
                    self._complain(f"graphc: {path}: {error.strerror}; trains on, tries again")
            self._told = True
        spent = time.perf_counter() - started
        self._due = started + (max(self._every, spent / SHARE) if self._every else 0)

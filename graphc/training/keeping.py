"""What a training run would leave behind if it ended now, and the file that holds it meanwhile."""

from __future__ import annotations

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

    The file at `path` is then what a run that stopped there would have saved. Without a path
    nothing is written. `every` is a number of seconds; 0 writes after each epoch.
    """

    def __init__(
        self,
        trainer: Trainer,
        path: Path | None,
        every: float,
        complain: Callable[[str], None],
    ) -> None:
        self._trainer, self._path, self._every = trainer, path, every
        self._complain, self._told = complain, False
        self._state = trainer.__getstate__()
        self._due = time.perf_counter() + every

    def take(self) -> None:
        """Keep the trainer as it is, at the end of an epoch; write it if it is time."""
        self._state = self._trainer.__getstate__()
        if self._path is not None and time.perf_counter() >= self._due:
            self._write(self._path)

    def put_back(self) -> None:
        """Make the trainer what is kept, whatever it has done since."""
        self._trainer.__setstate__(self._state)

    def _write(self, path: Path) -> None:
        started = time.perf_counter()
        try:
            self._trainer.save(path)
        except OSError as error:
            # what is learnt is worth more than its copy, and the disk may have room again
            if not self._told:
                self._complain(f"graphc: {path}: {error.strerror}; trains on, tries again")
            self._told = True
        spent = time.perf_counter() - started
        self._due = started + (max(self._every, spent / SHARE) if self._every else 0)

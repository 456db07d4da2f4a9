"""A run, followed from its beginning, and its report, written at its end."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graphc.data.output import predicted
from graphc.files import write_atomically
from graphc.model import BYTES
from graphc.reported.answers import answers
from graphc.reported.moments import Moments
from graphc.reported.origin import Origin, handed, until, versions
from graphc.reported.page import page
from graphc.reported.report import Confusion, Fit, Parameter, Report, Score
from graphc.training.lines import counted
from graphc.training.meter import seconds
from graphc.training.probe import Probe, other_sizes

if TYPE_CHECKING:
    from graphc.model import Model
    from graphc.training.meter import Meter
    from graphc.training.notes import Notes


class Follower:
    """Looks at a run after some of its epochs, and writes at `path` what became of it.

    It changes nothing of the run, which ends with the same bits as without it.
    """

    def __init__(self, path: Path, origin: Origin) -> None:
        self.path, self._origin = path, origin
        self._told = list(origin.warnings)

    def hear(self, line: str) -> None:
        """Keep what the user was told."""
        self._told.append(line.removeprefix("graphc: "))

    def hears(self, complain: Callable[[str], None]) -> Callable[[str], None]:
        """What complains as before, and is heard."""

        def heard(line: str) -> None:
            self.hear(line)
            complain(line)

        return heard

    def begin(self, meter: Meter, model: Model, batch_size: int) -> None:
        """Called before anything else."""
        self._meter, self._model, self._batch = meter, model, batch_size
        self._began = time.strftime("%Y-%m-%d %H:%M")
        self._probe = Probe(meter.trainer, model, meter.train, batch_size)
        self._frozen = {one.name for one in model.parameters if one.frozen}
        self._moments = Moments(meter.first)

    def epoch(self) -> None:
        """Called before the first epoch, and after each."""
        if self._moments.due(self._meter.epoch):
            self._look()

    def end(self, kept: int, failure: str, cause: str, notes: Notes) -> Path:
        """Write the report of a trainer that is as it was after the epoch `kept`.

        The run ended by a `failure`, or because of what `cause` says, unless these are empty.
        Returns where it was written; raises OSError if it cannot be.
        """
        meter = self._meter
        if kept == meter.epoch:
            self._look()
        why = failure.removeprefix("graphc: ")
        if cause and meter.epoch < meter.epochs:
            why = f"stopped by {cause} after epoch {meter.epoch:,} of {meter.epochs:,}"
        report = self._report(kept, notes, why, bool(failure))
        write_atomically(self.path, page(report).encode(errors="replace"))
        return self.path

    def _look(self) -> None:
        if self._moments.has(self._meter.epoch):
            return
        try:
            with np.errstate(all="ignore"):
                look = self._probe.look()
        except FloatingPointError:  # the data is not finite, which the run will tell
            return
        except MemoryError:  # a run is worth more than a look at it
            return
        gradients = {
            name: value for name, value in look.gradients.items() if name not in self._frozen
        }
        self._moments.add(self._meter.epoch, look.params, gradients)

    def _report(self, kept: int, notes: Notes, why: str, failed: bool) -> Report:
        meter, origin = self._meter, self._origin
        early = why and not failed and meter.history
        command = handed(origin.command, notes)
        if early:
            command = until(command, meter.epoch)
        with np.errstate(all="ignore"):
            score = self._score(kept)
            confusions, fitted = self._answers(notes)
        held = "the rows held out" if meter.held is not None else "the rows trained on"
        return Report(
            title=f"{origin.model}: a training run",
            when=self._when(),
            command=shlex.join(command),
            facts=[*self._facts(notes)],
            ending=why,
            failed=failed,
            warnings=self._told,
            score=score,
            epochs=meter.history.epochs,
            confusions=confusions,
            fits=fitted,
            fitted_rows=f"{held}, with the parameters after epoch {kept:,}",
            moments=self._moments.all,
            drawing=origin.drawing,
            text=origin.text,
            parameters=self._parameters(),
            costs=[*self._costs()],
        )

    def _when(self) -> str:
        history = self._meter.history
        took = f", {counted(len(history), 'epoch')}"
        if history:
            took += f" in {seconds(history.epochs[-1].seconds)}"
        return self._began + took

    def _score(self, kept: int) -> Score:
        meter = self._meter
        held_loss, metrics = meter.evaluate()
        if kept > meter.first and meter.rows is not None:
            loss = meter.history.at(kept).loss
        else:
            loss = float(meter.trainer.loss(*meter.train))
        return Score(
            kept=kept,
            done=meter.epoch,
            wanted=meter.epochs,
            loss=loss,
            held_loss=held_loss,
            metrics=metrics,
            rows=meter.rows,
            held_rows=meter.held_rows,
        )

    def _answers(self, notes: Notes) -> tuple[list[Confusion], list[Fit]]:
        meter = self._meter
        arrays = meter.held or meter.train
        if not meter.tasks:
            return [], []
        model = self._model
        try:
            outputs = predicted(meter.trainer.predict, model.outputs, model.data, arrays)
        except FloatingPointError:  # the data is not finite
            return [], []
        return answers(meter.tasks, model.data, arrays, outputs, notes)

    def _facts(self, notes: Notes) -> Iterator[tuple[str, str]]:
        meter = self._meter
        yield from self._origin.files
        if meter.rows is not None:
            held = f", {meter.held_rows:,} held out" if meter.held_rows else ", none held out"
            yield "rows", f"{meter.rows:,} to train on{held}"
        yield "seed", self._origin.seed or str(self._model.defaults["seed"])
        yield (
            "options",
            ", ".join([f"epochs {meter.epochs}", *([str(notes)] if str(notes) else [])]),
        )
        yield "computed by", versions()

    def _parameters(self) -> list[Parameter]:
        each = BYTES[self._model.dtype]
        return [
            Parameter(one.name, one.shape, one.size, one.size * each, one.frozen)
            for one in self._model.parameters
        ]

    def _costs(self) -> Iterator[tuple[str, str]]:
        meter, model = self._meter, self._model
        rows = f" on {counted(self._batch, 'row')}" if meter.rows is not None else ""
        held = model.memory(self._batch, **other_sizes(model, meter.train))
        yield f"memory of a step{rows}", f"{held:,} bytes"
        if history := meter.history:
            each = history.epochs[-1].seconds / len(history)
            steps = counted(meter.steps_per_epoch, "step")
            yield "time of a step", seconds(meter.step_time)
            yield f"time of an epoch, {steps}", f"{seconds(each)}, with what is shown and looked at"

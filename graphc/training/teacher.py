"""What a teacher would say of a run while it goes on: each thing once, and little."""

from __future__ import annotations

import contextlib
import shutil
import textwrap
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphc.data.rows import take
from graphc.training.evidence import Evidence
from graphc.training.overfitting import overfitting
from graphc.training.probe import Probe, sizes
from graphc.training.scales import harmful, poor, unscaled
from graphc.training.scene import Arrays, scene
from graphc.training.slopes import exploding, vanishing
from graphc.training.standstill import LEAST, standstill
from graphc.training.targets import unfit, unused
from graphc.training.units import dead_units

if TYPE_CHECKING:
    from graphc.compiled import Compiled
    from graphc.data import Loaded
    from graphc.training.meter import Meter

Tell = Callable[[str], None]

CAUSES = {"targets", "scale"}  # told before training, and what else is wrong comes of them
TOPICS = {"units", "course"}  # what is wrong with the training itself
MOST = 4  # things told in a run
SHARE = 0.05  # of the time, which looks may take
FREE = 0.2  # seconds that they may take in any case
EARLY = 0.3  # of the epochs, before which a run has not shown yet whether it moves
ROWS = 64  # whose values are computed at once
WIDTH = 80


class Teacher:
    """Looks at a run now and then, and tells what is wrong with it; it changes nothing of it.

    `tell` prints a line. With a `patience` the best epoch is kept, and overfitting is
    not told; nor is it where anything else is wrong.
    """

    def __init__(
        self,
        compiled: Compiled,
        loaded: Loaded,
        meter: Meter,
        batch_size: int,
        patience: int | None,
    ) -> None:
        self._meter, self._patience = meter, patience
        self._data, self._compared = compiled.data, compiled.model.compared
        self._loaded, self._scene = loaded, scene(compiled.graph)
        self._probe = Probe(meter.trainer, compiled.model, meter.train, batch_size)
        self._start = {name: value.copy() for name, value in meter.trainer.params.items()}
        self._told: set[str] = set()
        self._spent = self._each = 0.0

    def begin(self, tell: Tell) -> None:
        """Before the first epoch: what there is to say of the data alone."""
        parts = [self._meter.train, *([self._meter.held] if self._meter.held else [])]
        for text in unused(self._data, parts, self._loaded.labels):
            self._say(tell, text, text)
        for text in unfit(self._scene, self._named(self._meter.train), self._loaded.columns):
            self._say(tell, "targets", text)
        if "targets" not in self._told and not self._meter.first:
            with contextlib.suppress(FloatingPointError, MemoryError), np.errstate(all="ignore"):
                self._say(tell, "scale", self._harmful())

    def epoch(self, tell: Tell, *, last: bool) -> None:
        """After an epoch, the last one or not."""
        done, wanted = len(self._meter.history), self._meter.epochs - self._meter.first
        if (last or _is_round(done)) and self._affordable():
            started = time.perf_counter()
            with contextlib.suppress(MemoryError):  # a run is worth more than what is said of it
                self._teach(tell, early=done < max(EARLY * wanted, LEAST), last=last)
            self._each = time.perf_counter() - started
            self._spent += self._each
        if last and not self._patience and not self._told & (TOPICS | CAUSES):
            held = self._meter.held_rows or 0
            self._say(tell, "overfitting", overfitting(self._meter.history.epochs, held))

    def failure(self, tell: Tell) -> None:
        """When a loss or a gradient was not finite any more."""
        if self._told & CAUSES:
            return
        with contextlib.suppress(FloatingPointError, MemoryError), np.errstate(all="ignore"):
            evidence = self._look(self._start)  # what has run away since says little
            self._say(tell, "failure", unscaled(evidence) or exploding(evidence))

    @np.errstate(all="ignore")
    def _teach(self, tell: Tell, *, early: bool, last: bool) -> None:
        evidence = self._look()
        if units := dead_units(evidence, early=early):
            self._say(tell, "units", units)
        elif not early and not self._told & CAUSES:
            self._say(tell, "course", standstill(evidence) or vanishing(evidence))
            self._say(tell, "course", poor(evidence, self._meter.tasks) if last else "")

    def _affordable(self) -> bool:
        """Whether a look leaves the looks their share of the time; of the first it is a guess."""
        meter, rows = self._meter, self._probe.rows
        part = rows / meter.rows if rows and meter.rows else 1.0
        expected = self._each or 4 * part * meter.elapsed / len(meter.history)
        return self._spent + expected <= max(FREE, SHARE * meter.elapsed)

    def _look(self, params: Arrays | None = None) -> Evidence:
        look = self._probe.look(params)
        every = self._probe.rows == self._meter.rows
        return Evidence(
            self._scene,
            self._meter.history.epochs,
            self._start,
            look,
            self._values,
            self._probe.outputs(look),
            self._named(self._probe.sample),
            every,
            self._probe.loss,
            self._compared,
        )

    def _harmful(self) -> str:
        """What inputs that are not scaled do to the first loss."""
        compared = {one.data for one in self._compared}

        def loss_of(data: Arrays) -> float:
            return self._probe.loss(self._start, tuple(data.values()))

        return harmful(self._scene, self._named(self._probe.sample), loss_of, compared)

    def _named(self, arrays: Sequence[NDArray[Any]]) -> Arrays:
        return {one.name: array for one, array in zip(self._data, arrays, strict=True)}

    def _values(self, params: Arrays) -> dict[int, Any]:
        """The values of the layers, some rows at a time: in all they take more room than a step."""
        found: list[dict[int, Any]] = []
        rows = np.arange(self._probe.rows or 1)
        for start in range(0, len(rows), ROWS):
            arrays = take(self._data, self._probe.sample, rows[start : start + ROWS])
            named = self._named(arrays)
            found.append(self._scene.values(params, named, sizes(self._data, arrays)))
        layers = self._scene.layers
        joined = {one.key: [one.by_unit(part[one.key]) for part in found] for one in layers}
        return {key: np.concatenate(parts, axis=1) for key, parts in joined.items()}

    def _say(self, tell: Tell, topic: str, text: str) -> None:
        """Tells a text, if there is one; of a topic once, and not much in a run."""
        if text and topic not in self._told and len(self._told) < MOST:
            self._told.add(topic)
            tell(warning(text))


def warning(text: str) -> str:
    """A text as it is told, in lines; none ends within an option's name."""
    width = min(WIDTH, shutil.get_terminal_size().columns)
    return textwrap.fill(f"warning: {text}", width, subsequent_indent="  ", break_on_hyphens=False)


def _is_round(number: int) -> bool:
    """Whether a number is 1, 2, 5, 10, 20, 50 …: after so many epochs there is a look."""
    text = str(number)
    return text[0] in "125" and not text[1:].strip("0")

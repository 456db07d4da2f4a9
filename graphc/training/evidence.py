"""What a teacher has seen of a run: the facts that advice is drawn from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from graphc.compared import Comparison
from graphc.training.history import Epoch
from graphc.training.probe import Look
from graphc.training.scene import Arrays, Scene

SIZE = 0.1  # how large a parameter mostly is, at least: what moves from 0 is measured against it
LENGTHS = (1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3)  # of a step down the slope, in sizes of the parameters
STEADY = 0.005  # of a loss, which two measurements may differ by, as with dropout


@dataclass(frozen=True)
class Evidence:
    """A run so far: its epochs, the parameters as they were at first, a look at it as it is.

    `values_of(params)` are those of the scene's layers, [units, everything else] by key, `outputs`
    the model's, `data` the rows looked at by name, `every` whether those are all. `loss_of(params)`
    is the training loss on these rows. `compared` are the outputs that the loss compares with data.
    """

    scene: Scene
    epochs: Sequence[Epoch]
    start: Arrays
    look: Look
    values_of: Callable[[Arrays], Mapping[int, Any]]
    outputs: Arrays
    data: Arrays
    every: bool
    loss_of: Callable[[Arrays], float]
    compared: Sequence[Comparison] = ()

    @property
    def losses(self) -> list[float]:
        """The training loss of each epoch."""
        return [one.loss for one in self.epochs]

    def size(self, names: Sequence[str]) -> float:
        """The length of some parameters as one vector; of those that are 0, as if they were not."""
        params = self.look.params
        count = sum(params[name].size for name in names)
        return max(length(params, names), SIZE * math.sqrt(count))

    def moved(self, names: Sequence[str]) -> float:
        """How far some parameters have come from their start, in their own size."""
        way = {name: self.look.params[name] - self.start[name] for name in names}
        return length(way, names) / self.size(names)

    def slope(self, name: str) -> float:
        """The root mean square of a parameter's gradient."""
        gradient = np.asarray(self.look.gradients[name], np.float64)
        return float(np.sqrt(np.mean(gradient**2)))

    @cached_property
    def values(self) -> Mapping[int, Any]:
        """The values of the layers as they are now."""
        return self.values_of(self.look.params)

    @cached_property
    def begun(self) -> float:
        """The loss before training."""
        return self.loss_of(self.start)

    @cached_property
    def downhill(self) -> dict[float, float]:
        """The loss after one step down the slope, for steps of several `LENGTHS`.

        Empty where there is no slope, and where the loss of the same parameters is not the same.
        """
        names, look = self.scene.trained, self.look
        steep = length(look.gradients, names)
        again = self.loss_of(look.params)
        if not 0 < steep < np.inf or abs(again - look.loss) > STEADY * abs(look.loss):
            return {}
        unit = self.size(names) / steep
        found = {}
        for far in LENGTHS:
            way = {name: far * unit * look.gradients[name] for name in names}
            found[far] = self.loss_of(
                {name: value - way.get(name, 0) for name, value in look.params.items()}
            )
        return {far: loss for far, loss in found.items() if np.isfinite(loss)}


def length(arrays: Arrays, names: Sequence[str]) -> float:
    """The length of some arrays as one vector."""
    wide = (np.asarray(arrays[name], np.float64) for name in names)
    with np.errstate(over="ignore"):
        return float(np.sqrt(sum(float(np.sum(one**2)) for one in wide)))

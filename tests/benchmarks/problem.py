"""A case on disk, the same for every contender: its module, its data, where it starts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from tests.benchmarks.cases import Case

EXAMPLES = Path(__file__).parents[2] / "examples"
DATA = {"cnn": ("digits.npz", "x", "y"), "alice": ("alice.npz", "text", "next")}
Array = np.ndarray


class Problem:
    """What a contender is given. Arrays are read when they are asked for, and not kept here."""

    def __init__(self, folder: Path) -> None:
        fields = json.loads((folder / "case.json").read_text())
        self.case = Case(**{**fields, "widths": tuple(fields["widths"])})
        self.folder = folder
        self._start = np.load(folder / "start.npz")

    @property
    def data(self) -> tuple[Array, Array]:
        """All rows of an epoch: inputs and targets."""
        return self._start["x"], self._start["y"]

    @property
    def batches(self) -> list[tuple[Array, Array]]:
        """The rows of `data`, batch by batch."""
        x, y = self.data
        size = self.case.batch
        return [(x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)]

    @property
    def parameters(self) -> Iterator[tuple[str, Array]]:
        """Where training starts, name by name; of a perceptron W1, b1, W2, b2 ..."""
        for name in self._start.files:
            if name.startswith("parameter/"):
                yield name.removeprefix("parameter/"), self._start[name]

    @property
    def layers(self) -> list[list[Array]]:
        """The parameters of a perceptron: [W, b] of each layer."""
        arrays = [value for _, value in self.parameters]
        return [arrays[i : i + 2] for i in range(0, len(arrays), 2)]


def write(case: Case, folder: Path) -> Path:
    """Compiles a case and writes what a Problem reads; the folder it is in."""
    import graphc  # a contender's process must not hold the compiler

    place = folder / case.name
    place.mkdir()
    if case.widths:
        compiled = graphc.compile_text(case.source(), f"{case.name}.nn")
    else:
        rate = {"learning_rate": case.learning_rate}
        compiled = graphc.compile_file(EXAMPLES / f"{case.name}.nn", options=rate)
    compiled.write(place / "model.py")
    trainer = compiled.load().Trainer(seed=0)
    x, y = _data(case)
    start = {f"parameter/{name}": value for name, value in trainer.params.items()}
    np.savez(place / "start.npz", x=x, y=y, **start)
    (place / "case.json").write_text(json.dumps(asdict(case)))
    return place


def _data(case: Case) -> tuple[Array, Array]:
    """The rows of an epoch: an example's own, or random ones with a target that can be learnt."""
    rows = case.batch * case.batches
    if not case.widths:
        file, *names = DATA[case.name]
        with np.load(EXAMPLES / file) as archive:
            x, y = (archive[name][:rows] for name in names)
        return (x if x.dtype == np.float32 else x.astype(np.int64)), y.astype(np.int64)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows, case.widths[0]), np.float32)
    mixed = x @ rng.standard_normal((case.widths[0], case.widths[-1]), np.float32)
    y = np.tanh(mixed / case.widths[0] ** 0.5)
    return x, (y + 1) / 2 if case.sigmoid_output else y

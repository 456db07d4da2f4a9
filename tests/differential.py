"""A model held against itself: each check compares two ways to the same numbers."""

from __future__ import annotations

import re
from functools import cached_property
from random import Random
from typing import Any

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from systems import held

import graphc
from graphc.book import book
from graphc.library import prelude
from graphc.model import at
from graphc.verify import verify

Data = dict[str, Any]


class Twins:
    """A model compiled in each way, and data for it."""

    def __init__(self, text: str, seed: int = 0) -> None:
        self.text = text
        self.random = Random(seed)
        self.seed = seed
        self.kinds: set[str] = set()  # of operation, hidden ones too
        self.fused = graphc.compile_text(text, dtype="float64", on_stage=self._met)
        self.plain = graphc.compile_text(text, dtype="float64", plain=True)
        self.modules = [one.load() for one in (self.fused, self.plain)]
        self.drawn = "def draw(" in self.fused.source
        self.sizes = self.random.sample([1, 2, 3, 5, 8], 2)

    @cached_property
    def single(self) -> graphc.Compiled:
        """In one precision, where that is asked for."""
        compiled = graphc.compile_text(self.text, dtype="float32")
        self.modules.append(compiled.load())
        return compiled

    def _met(self, stage: str, value: Any) -> None:
        if stage in {"graph", "gradient", "rewrite"}:
            self.kinds |= {node.kind for node in value.nodes}

    def data(self, rows: int) -> Data:
        """Random data that both precisions can hold; sizes other than `batch` are 3."""
        random, found = np.random.default_rng(self.seed + rows), {}
        for one in self.fused.data:
            sizes = {"batch": rows}
            shape = [sizes.get(n, 3) if isinstance(n, str) else n for n in one.shape]
            found[one.name] = random.uniform(-1, 1, shape).astype(np.float32).astype(float)
            if one.integer:
                found[one.name] = random.integers(0, one.classes or 2, shape)
        return found

    def inputs(self, data: Data) -> Data:
        """What a prediction takes."""
        kinds = {one.name: one.kind for one in self.fused.data}
        return {name: value for name, value in data.items() if kinds[name] == "input"}

    def trainers(self, *modules: Any) -> list[Any]:
        """Trainers that stand at the same place, which both precisions can hold."""
        found = [module.Trainer(seed=self.seed) for module in modules]
        start = found[0].theta + np.random.default_rng(self.seed).normal(
            0, 0.1, len(found[0].theta)
        )
        for one in found:
            one.theta[...] = start.astype(np.float32)
        return found


def close(ours: Any, other: Any, tolerance: float) -> None:
    """Asserts that arrays agree relative to the largest element."""
    assert np.shape(ours) == np.shape(other)
    assert_allclose(ours, other, rtol=0, atol=tolerance * max(1, np.abs(other).max(initial=0)))


def outputs(trainer: Any, twins: Twins, data: Data) -> list[Any]:
    """What is predicted, in the order of the outputs."""
    if not twins.fused.model.outputs:
        return []
    found = trainer.predict(**twins.inputs(data))
    return list(found.values()) if isinstance(found, dict) else [found]


def is_proven(twins: Twins) -> None:
    """Comments are what the statements do, gradients what differences tell."""
    found = verify(twins.fused.source)
    assert not found.disagreements
    assert [one for one in found.parameters if not one.agrees] == []


def is_the_same_in_one_precision_as_in_two(twins: Twins) -> None:
    source = twins.single.source
    if twins.seed % 4 == 0:  # the statements are those of two
        assert not verify(source).disagreements
    one, two = twins.trainers(twins.modules[0], twins.modules[2])
    data = twins.data(twins.sizes[0])
    for double, single in zip(outputs(one, twins, data), outputs(two, twins, data), strict=True):
        close(single, double, 1e-3)
    close(two.loss(**data), one.loss(**data), 1e-3)
    if not twins.drawn:  # which gives other numbers in another precision
        close(two.loss_and_gradient(**data)[1], one.loss_and_gradient(**data)[1], 1e-2)


def is_the_same_fused_as_plain(twins: Twins) -> None:
    """Whatever was computed before in the same arrays, for other sizes or for the same."""
    fused, plain = twins.trainers(*twins.modules[:2])
    many, few = (twins.data(rows) for rows in twins.sizes)
    sure = None
    for data in (many, few, many):
        for one, other in zip(
            outputs(fused, twins, data), outputs(plain, twins, data), strict=True
        ):
            close(one, other, 1e-9)
        close(fused.loss(**data), plain.loss(**data), 1e-9)
        (loss, gradient), expected = (one.loss_and_gradient(**data) for one in (fused, plain))
        close(loss, expected[0], 1e-9)
        close(gradient, expected[1], 1e-9)
        close(fused.step(**data), plain.step(**data), 1e-9)
        part = slice(None)
        if "optimizer lion" in twins.text:
            # where a gradient is 0 but for rounding, its sign is chance, and `lion` goes by it
            trained = getattr(twins.modules[0], "TRAINED", len(gradient))
            sure = (abs(gradient) > 1e-9) if sure is None else sure & (abs(gradient) > 1e-9)
            part = np.flatnonzero(sure[:trained])
            chance = np.flatnonzero(~sure[:trained])
            plain.theta[chance] = fused.theta[chance]
        close(fused.theta[part], plain.theta[part], 1e-7)


def trains_in_rows_as_by_hand(twins: Twins) -> None:
    """`fit` without shuffling gives the bits of `step` on one batch after another."""
    fitted, stepped = twins.trainers(*[twins.modules[0]] * 2)
    size = max(twins.sizes)
    data = twins.data(2 * size + 1)
    axes = [
        (one.name, axis)
        for one in twins.fused.data
        for axis, dim in enumerate(one.shape)
        if dim == "batch"
    ]
    if not axes:
        return
    losses = fitted.fit(**data, epochs=2, batch_size=size, shuffle=False)
    for loss in losses:
        total = 0.0
        for start in range(0, 2 * size + 1, size):
            places = np.arange(start, min(start + size, 2 * size + 1))
            part = dict(data)
            for name, axis in axes:
                part[name] = np.take(part[name], places, axis)
            total += len(places) * stepped.step(**part)
        stepped.epoch += 1
        assert loss == total / (2 * size + 1)
    assert_array_equal(fitted.theta, stepped.theta)


def holds_what_it_says(twins: Twins) -> None:
    """The memory that is foretold is that of the arrays there are."""
    ways = [(twins.fused, twins.modules[0])]
    ways += [(twins.single, one) for one in twins.modules[2:]]
    for compiled, module in ways:
        trainer, rows, model = module.Trainer(), twins.sizes[0], compiled.model
        sizes = {"batch": rows}
        names = [n for one in compiled.data for n in one.shape if isinstance(n, str)]
        given = [sizes.get(name, 1) for name in dict.fromkeys(names)]
        judging = getattr(module, "EvaluationBuffers", module.Buffers)
        arrays = [trainer.theta, trainer.gradient, *vars(trainer.state).values()]
        assert model.held == held(arrays)
        assert at(model.step, rows) == held(vars(module.Buffers(*given)).values())
        assert at(model.prediction, rows) == held(vars(judging(*given)).values())
        kept = [one for one in vars(module).values() if isinstance(one, np.ndarray)]
        numbers = sum(one.nbytes for one in kept if not one.ndim)  # of which some are counted
        assert 0 <= model.constants - sum(one.nbytes for one in kept if one.ndim) <= numbers


PRECISIONS = is_the_same_in_one_precision_as_in_two
CHECKS = [
    is_proven,
    is_the_same_fused_as_plain,
    trains_in_rows_as_by_hand,
    PRECISIONS,
    holds_what_it_says,
]


def offered() -> set[str]:
    """Everything that a model can name: operations, blocks, and updates."""
    return {one.name for one in book().public} | {*prelude().blocks} | {*prelude().updates}


def named(text: str) -> set[str]:
    """The words of a model, without its own definitions."""
    return set(re.findall(r"\b[a-z_]\w*\b", text.split("\n}\n")[-1]))

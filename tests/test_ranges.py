"""Where float32 is enough: values, losses and gradients are finite in the ranges that are told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from op_models import is_integer, limit, model

import graphc
from graphc.book import book
from graphc.compiled import compile_text
from graphc.op import FAR, Op, Sample

Range = tuple[float, float]
PACKAGE = Path(graphc.__file__).parent
PRODUCT = (-1e18, 1e18)  # a product of two is below 3.4e38
PROBABILITY, SHARE = (1e-30, 1 - 6e-8), (0.0, 1.0)

LOSSES: dict[str, tuple[Range, Range]] = {
    "mse(p, y)": (PRODUCT, PRODUCT),
    "sse(p, y)": (PRODUCT, PRODUCT),
    "half_sse(p, y)": (PRODUCT, PRODUCT),
    "mae(p, y)": (FAR, FAR),
    "huber(p, y)": (FAR, FAR),
    "binary_cross_entropy(p, y)": (PROBABILITY, SHARE),
    "bce_with_logits(p, y)": (FAR, SHARE),
    "cross_entropy(p, y)": (FAR, SHARE),
    "l1(p) + 0 * sum(y)": (FAR, SHARE),
    "l2(p) + 0 * sum(y)": (PRODUCT, SHARE),
}
TRIALS = 10


def drawn(random: Any, shape: Any, low: float, high: float) -> Any:
    """Numbers of every size, small and large, both ends and 0 among them; or all alike."""
    sizes = 10.0 ** random.uniform(-45, 30, shape) * random.choice([-1, 1], shape)
    ends = random.choice([low, high, 0, 1, -1, 0.5, 1e-45, -1e-38], shape)
    found = np.where(random.random(shape) < 0.5, sizes, ends)
    if random.random() < 0.3:
        found = np.full(shape, random.choice([low, high, low / 3 + high / 5]))
    return np.clip(found, low, high).astype(np.float32).clip(np.float32(low), np.float32(high))


def cases(most: int = 3) -> list[Any]:
    """Each operation with some of its samples."""
    return [
        pytest.param(op.at(len(sample.shapes)), sample, id=f"{op.name}{place}")
        for op in book().public
        for place, sample in enumerate(op.samples[:most])
        if op.names and not all(is_integer(op, sample, name) for name in op.names)
    ]


@pytest.mark.parametrize(("op", "sample"), cases())
def test_operations_are_finite(op: Op, sample: Sample) -> None:
    module: Any = model(op, sample, dtype="float32").load()
    trainer = module.Trainer()
    random = np.random.default_rng(0)
    for _ in range(TRIALS):
        whole = []
        for name, shape in zip(op.names, sample.shapes, strict=True):
            if is_integer(op, sample, name):
                whole.append(random.integers(0, limit(op, sample, name) or 1, shape))
            else:
                low, high = op.finite.get(name, FAR)
                trainer.params[name][...] = drawn(random, shape, low, high)
        before = {name: value.copy() for name, value in trainer.params.items()}
        y = trainer.predict(*whole)
        assert np.isfinite(y).all(), before
        gradient = trainer.loss_and_gradient(*whole, np.ones(np.shape(y)))[1]
        assert np.isfinite(gradient).all(), before


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_are_finite(loss: str) -> None:
    text = f"param p : [6, 4] = zeros\ninput y : [6, 4]\noutput p\nloss {loss}"
    module: Any = compile_text(text).load()
    trainer = module.Trainer()
    random = np.random.default_rng(0)
    for _ in range(4 * TRIALS):
        predicted, true = LOSSES[loss]
        trainer.params["p"][...] = drawn(random, (6, 4), *predicted)
        y = drawn(random, (6, 4), *true)
        value, gradient = trainer.loss_and_gradient(y)
        assert np.isfinite(value), trainer.params["p"]
        assert np.isfinite(gradient).all(), trainer.params["p"]


def test_every_loss_has_its_range() -> None:
    text = (PACKAGE / "prelude" / "losses.nn").read_text(encoding="utf-8")
    assert [one.split("(")[0] for one in LOSSES] == re.findall(r"^block (\w+)", text, re.MULTILINE)


@pytest.mark.parametrize(("op", "sample"), cases(1))
def test_nothing_warns_wherever_it_overflows(op: Op, sample: Sample) -> None:
    """Warnings are errors in these tests; what is not finite may be refused."""
    random = np.random.default_rng(1)
    strange = np.array([np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, 0, -1], np.float32)
    for plain in (False, True):
        module: Any = model(op, sample, plain=plain, dtype="float32").load()
        trainer = module.Trainer()
        for _ in range(4):
            whole = []
            for name, shape in zip(op.names, sample.shapes, strict=True):
                if is_integer(op, sample, name):
                    whole.append(random.integers(0, limit(op, sample, name) or 1, shape))
                else:
                    trainer.params[name][...] = random.choice(strange, shape)
            R = np.full(np.shape(trainer.predict(*whole)), 1e300)
            kept = trainer.theta.copy()
            for call in (trainer.loss, trainer.gradients, trainer.step):
                try:
                    call(*whole, R)
                except FloatingPointError:
                    np.testing.assert_array_equal(trainer.theta, kept)

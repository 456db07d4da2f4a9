"""What is told of every operation, and what the language makes of a call of it."""

from __future__ import annotations

import numpy as np
import pytest
from op_models import is_integer, is_tracked, model, values
from test_ops import OPS, samples

import graphc
from graphc.book import book
from graphc.describing import described
from graphc.op import Op, Sample


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_it_can_be_described(op: Op) -> None:
    shown = described(op)
    assert shown.startswith(op.signature)
    assert op.caption in " ".join(shown.split())


@pytest.mark.parametrize(("op", "sample"), samples(book().public, trained=True))
def test_the_language_calls_it(op: Op, sample: Sample) -> None:
    given, lines, data = values(op, sample), [], []
    for name, value in given.items():
        if is_integer(op, sample, name):
            lines.append(f"input {name} : int{list(value.shape)}")
            data.append(value)
        else:
            frozen = " frozen" * is_tracked(op, sample, name)
            lines.append(f"param {name} : {list(value.shape)} = zeros{frozen}")
    lines += [f"result = {op.call(sample)}", "output result"]
    # no gradient goes through some operations, and something must be trained
    lines += ["param w = 1", "loss sum(result) + w"]
    module = graphc.compile_text("\n".join(lines), dtype="float64").load()
    trainers = [module.Trainer(), model(op, sample).load().Trainer()]
    for trainer in trainers:
        for name in trainer.params.keys() & given.keys():
            trainer.params[name][...] = given[name]
    by_text, by_hand = (trainer.predict(*data) for trainer in trainers)
    np.testing.assert_array_equal(by_text, by_hand)

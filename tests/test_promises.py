"""Operands whose arrays a result may take: what a record promises is tried, and is all it could."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
import pytest
from op_models import values
from test_ops import OPS, meant, node, spelt, work

from graphc.constants import namespace
from graphc.dims import shape_of
from graphc.op import Op, Sample, text

CODED = [op for op in OPS if op.code and op.names]
ITSELF = {"contiguous"}  # what copies a view, whose array is never read by a name alone


def tried(op: Op, name: str) -> Iterator[tuple[Op, Sample]]:
    """The samples in which the result fits into an operand's array; no single number does."""
    for sample in op.samples:
        one = op.at(len(sample.shapes))
        if name in one.names:
            shape = sample.shapes[one.names.index(name)]
            if prod(shape) > 1 and node(one, sample).shape == shape_of(*shape):
                yield one, sample


def gapped(op: Op, sample: Sample) -> dict[str, Any]:
    """Operands in which every other number is 0, as in masks: here of one, there of the next."""
    given = values(op, sample)
    for place, value in enumerate(given.values()):
        value.reshape(-1)[place % 2 :: 2] = 0
    return given


def agrees(op: Op, sample: Sample, taken: str) -> bool:
    """Whether the code gives what is meant when its result takes an operand's array."""
    made, given = node(op, sample), gapped(op, sample)
    with np.errstate(all="ignore"):
        expected = meant(op, sample, given)
        given = {name: value.copy() for name, value in given.items()}
        names = {name: name for name in (*op.names, *work(op, sample))} | {op.result: taken}
        code = text(op.code, tuple(shape_of(*shape) for shape in sample.shapes), made.attributes)
        exec(spelt(op, code, names, made), {**namespace(op), **given, **work(op, sample)})
    return np.allclose(given[taken], expected, rtol=1e-14, equal_nan=True)


@pytest.mark.parametrize("op", CODED, ids=lambda op: op.name)
def test_the_result_may_take_only_what_a_sample_tries(op: Op) -> None:
    for name in op.overwritten:
        assert [*tried(op, name)], f"no sample in which the result fits into {name}"
        assert all(agrees(one, sample, name) for one, sample in tried(op, name))


@pytest.mark.parametrize("op", CODED, ids=lambda op: op.name)
def test_the_result_may_take_whatever_it_could(op: Op) -> None:
    for name in {*op.names} - {*op.overwritten} - {*op.integers}:
        ways = [(replace(one, overwrites=name), sample) for one, sample in tried(op, name)]
        assert op.name in ITSELF or not ways or not all(agrees(*way, name) for way in ways)


@pytest.mark.parametrize("op", [op for op in CODED if op.integers], ids=lambda op: op.name)
def test_no_array_of_whole_numbers_takes_a_result(op: Op) -> None:
    assert not {*op.overwritten} & {*op.integers}

"""Models of one operation each, made without the language, so that hidden ones can be used too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from graphc import pipeline, update
from graphc.book import book
from graphc.compiled import Compiled, compile_text
from graphc.dataflow import Graph, Leaf, Node, Settings
from graphc.dims import shape_of
from graphc.draft import Draft
from graphc.errors import Report
from graphc.initial import Start
from graphc.library import prelude
from graphc.op import Op, Sample
from graphc.rules import rule_of
from graphc.settings import train_settings

Array = NDArray[np.float64]
Use = Callable[[Draft, Op, Sample, list[int]], int]


def apply(draft: Draft, name: str, *operands: int, **attributes: Any) -> int:
    """Another operation on values of a draft."""
    return draft.add(book()[name], operands, attributes)


def once(draft: Draft, op: Op, sample: Sample, operands: list[int]) -> int:
    """y"""
    return draft.add(op, operands, sample.attributes)


def twice(draft: Draft, op: Op, sample: Sample, operands: list[int]) -> int:
    """y * y: two edges from one value to one reader."""
    y = once(draft, op, sample, operands)
    return apply(draft, "mul", y, y)


def three_times(draft: Draft, op: Op, sample: Sample, operands: list[int]) -> int:
    """y * y + y, and every operand is read once more beside the operation."""
    y = once(draft, op, sample, operands)
    z = apply(draft, "add", apply(draft, "mul", y, y), y)
    floats = [one for one in operands if not getattr(draft[one].leaf, "integer", False)]
    return reduce(lambda a, b: apply(draft, "add", a, apply(draft, "sum", b)), floats, z)


def reshaped(draft: Draft, op: Op, sample: Sample, operands: list[int]) -> int:
    """Operands that are views, and a view of the result."""
    views = [
        one
        if getattr(draft[one].leaf, "integer", False)
        else apply(draft, "reshape", apply(draft, "square", one), shape=draft[one].shape)
        for one in operands
    ]
    y = once(draft, op, sample, views)
    return apply(draft, "reshape", y, shape=(*draft[y].shape, 1))


def tied(draft: Draft, op: Op, sample: Sample, operands: list[int]) -> int:
    """f(x, x)"""
    return once(draft, op, sample, operands[:1] * len(operands))


USES: tuple[Use, ...] = (once, twice, three_times, reshaped)


def model(
    op: Op, sample: Sample, use: Use = once, plain: bool = False, dtype: str = "float64"
) -> Compiled:
    """A model whose output `y` is the use of an operation, and whose loss is sum(y * R)."""
    train, updates = train_settings(None, Report()), prelude().updates
    settings = Settings("one", dtype, "one.nn", "", updates=updates, train=train)
    draft = Draft()

    def leaf(kind: str, name: str, shape: Sequence[Any], integer: bool = False) -> int:
        start = Start("zeros") if kind == "param" else None
        frozen = is_tracked(op, sample, name)
        one = Leaf(kind, name, start, integer=integer, frozen=frozen)
        return draft.place(Node(-1, shape_of(*shape), leaf=one, label=name))

    operands = []
    for name, shape in zip(op.names, sample.shapes, strict=True):
        whole = is_integer(op, sample, name)
        operands.append(leaf("input" if whole else "param", name, shape, whole))
    y = apply(draft, "mul", use(draft, op, sample, operands), draft.number(1))
    loss = apply(draft, "sum", apply(draft, "mul", y, leaf("target", "R", draft[y].shape)))
    graph = Graph.of(draft.nodes.values(), settings, outputs={"y": y}, loss=loss)
    rule = update.build(settings, Report(), {})
    with mock.patch.object(pipeline, "front", return_value=(graph, rule, Report())):
        return compile_text("", plain=plain)


def is_integer(op: Op, sample: Sample, name: str) -> bool:
    """Whether an operand holds class numbers in this sample."""
    return limit(op, sample, name) is not None


def limit(op: Op, sample: Sample, name: str) -> int | None:
    """Below what the whole numbers in an operand must be; None if it holds none."""
    if name not in op.integers:
        return None
    shapes = tuple(shape_of(*shape) for shape in sample.shapes)
    found = op.integers[name](shapes, sample.attributes)
    return None if found is None else found.known


def is_tracked(op: Op, sample: Sample, name: str) -> bool:
    """Whether an operand holds running statistics in this sample."""
    shapes = tuple(shape_of(*shape) for shape in sample.shapes)
    return f"{name}'" in rule_of(op.tracks, shapes, sample.attributes)


def values(op: Op, sample: Sample, use: Use = once, seed: int = 0) -> dict[str, Any]:
    """An array for each operand: no two elements alike and none zero, so that no kink is near."""
    random = np.random.default_rng(seed)
    count = sum(int(np.prod(shape)) for shape in sample.shapes)
    places = random.permutation(count)
    domains = [op.domain.get(name, (-2.0, 2.0)) for name in op.names]
    if use is tied:
        domains = [(max(low for low, _ in domains), min(high for _, high in domains))] * len(
            domains
        )
    found: dict[str, Any] = {}
    for name, shape, (low, high) in zip(op.names, sample.shapes, domains, strict=True):
        if is_integer(op, sample, name):
            found[name] = random.integers(0, limit(op, sample, name) or 1, shape)
            continue
        mine, places = np.split(places, [int(np.prod(shape))])
        at = low + (high - low) * (mine + 0.37) / count
        found[name] = (np.sqrt(np.abs(at)) if use is reshaped else at).reshape(shape)
    return found

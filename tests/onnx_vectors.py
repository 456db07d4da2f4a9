"""The test vectors of ONNX: nodes with their inputs and what must come out, or why not here."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np


class LeftOut(Exception):
    """Says why a vector has no counterpart."""


def refuse(when: bool, reason: str) -> None:
    """Leaves a vector out; raises LeftOut."""
    if when:
        raise LeftOut(reason)


@dataclass(frozen=True)
class Vector:
    """A node with its inputs and what must come out; None for what is not there."""

    name: str
    operator: str
    attributes: dict[str, Any]
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]

    def has(self, number: int) -> bool:
        """Whether the node has this input."""
        return number <= len(self.inputs) and self.inputs[number - 1] is not None

    def shape(self, number: int = 1) -> tuple[int, ...]:
        """The shape of an input."""
        return tuple(self.inputs[number - 1].shape)

    def whole(self, number: int, name: str = "") -> Any:
        """An input that is known when the model is compiled, or the attribute it once was."""
        if self.has(number):
            return [int(one) for one in self.inputs[number - 1].reshape(-1)]
        return self.attributes.get(name)


@dataclass(frozen=True)
class Body:
    """An expression for each output, and the lines that come before.

    `x2` is the second input as data, `i2` the same as whole numbers, `p2` as a frozen parameter.
    """

    outputs: tuple[str, ...]
    lines: str = ""


COMPARISONS = {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"}


@cache
def cases() -> dict[str, Any]:
    """ONNX's own test cases by name."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ONNX's references divide by zero and overflow
        return {case.name: case for case in sorted(collect_testcases(None), key=lambda c: c.name)}


def operator(case: Any) -> str:
    """The operator that a test case is about."""
    return str(case.model.graph.node[0].op_type)


def vector(case: Any) -> Vector:
    """A test case as a vector; raises LeftOut unless it is one of floats, or compares numbers."""
    node = case.model.graph.node[0]
    inputs, outputs = (
        placed(names, given)
        for names, given in zip((node.input, node.output), case.data_sets[0], strict=True)
    )
    arrays = [one for one in (*inputs, *outputs) if one is not None]
    known = all(isinstance(one, np.ndarray | np.generic) for one in arrays)
    refuse(not known, "sequences and optional values")
    kinds = {one.dtype for one in arrays}
    refuse(any(kind.kind in "OSU" for kind in kinds), "texts")
    refuse(
        any(kind.kind == "V" or kind == np.float16 for kind in kinds), "floats of 16 bits or less"
    )
    if node.op_type in COMPARISONS and all(kind.kind in "iub" for kind in kinds):
        inputs = tuple(one.astype(np.float64) for one in inputs)  # which holds them exactly
    else:
        whole = not any(kind.kind == "f" for kind in kinds)
        refuse(whole, "whole numbers and truth values alone")
    floats = [one for one in arrays if one.dtype.kind == "f"]
    refuse(not all(one.size for one in floats), "arrays without elements")
    return Vector(case.name, node.op_type, attributes(case), inputs, outputs)


def placed(names: Any, given: Any) -> tuple[Any, ...]:
    """Arrays in the places that are named, None where a name is empty."""
    rest = iter(given)
    return tuple(next(rest) if name else None for name in names)


def attributes(case: Any) -> dict[str, Any]:
    """A node's attributes, and ONNX's defaults for those that it leaves out."""
    from onnx import defs, helper

    node = case.model.graph.node[0]
    versions = {one.domain: one.version for one in case.model.opset_import}
    schema = defs.get_schema(node.op_type, versions[node.domain], node.domain)
    defaults = [one.default_value for one in schema.attributes.values()]
    found = {}
    for one in (*(each for each in defaults if each.type), *node.attribute):
        value = helper.get_attribute_value(one)
        found[one.name] = value.decode() if isinstance(value, bytes) else value
    return found

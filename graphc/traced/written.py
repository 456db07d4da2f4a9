"""Which lines of a module have written the numbers of a trace: found by comparing them.

Numbers may be equal by chance, formulas are not: a line has written a value if both are the same on
two examples, the one that is traced and another, near it, with other numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graphc.phases import TRAIN
from graphc.plan import Plan
from graphc.traced.evaluating import Array
from graphc.traced.example import Example
from graphc.traced.running import Ran, ran
from graphc.traced.trace import Trace, traced
from graphc.verify.module import Module

SMALL = 1e-3  # below which the largest number of an array has no digits that count


@dataclass(frozen=True)
class Trial:
    """The trace of an example, and what the lines of the module have written for it."""

    trace: Trace
    lines: Sequence[Ran]


def trials(trace: Trace, parsed: Module, plan: Plan, example: Example) -> tuple[Trial, Trial]:
    """A trace with the lines of its module, and the same for another example."""
    other = _another(example)
    found = Trial(traced(trace.graph, other), [*ran(parsed, plan, other)])
    return Trial(trace, [*ran(parsed, plan, example)]), found


def _another(example: Example) -> Example:
    """An example near another, in the same shapes, with other labels and numbers."""
    random = np.random.default_rng(0)

    def near(array: Array) -> Array:
        size = array.shape
        return array * random.uniform(0.7, 1.3, size) + random.uniform(0.01, 0.1, size)

    trainer, arrays = example.module.Trainer(), {}
    for name, parameter in example.trainer.params.items():
        trainer.params[name][...] = near(parameter)
    for name, array in example.arrays.items():
        classes = example.module.DATA[name][3]
        if classes is not None:
            further = random.integers(1, max(classes, 2), array.shape)
            arrays[name] = ((array + further) % classes).astype(array.dtype)
        else:  # whole numbers may be places, which must be there
            arrays[name] = near(array).astype(array.dtype) if array.dtype.kind == "f" else array
    return replace(example, trainer=trainer, arrays=arrays)


@dataclass(frozen=True)
class _Numbers:
    """The numbers of an array in whatever order; what is not finite counts as 0."""

    array: Array
    total: float
    size: float  # of all of them without signs

    @classmethod
    def of(cls, array: Array) -> _Numbers:
        flat = np.asarray(array, np.float64).ravel()
        flat = np.where(np.isfinite(flat), flat, 0)
        return cls(flat, float(flat.sum()), float(np.abs(flat).sum()))

    def alike(self, other: _Numbers, rounding: float) -> bool:
        """Whether these are the same numbers up to rounding."""
        near = rounding * max(self.size, SMALL)
        if not (abs(self.total - other.total) <= near and abs(self.size - other.size) <= near):
            return False
        one, two = np.sort(self.array), np.sort(other.array)
        large = max(float(np.abs(one).max(initial=0)), SMALL)
        return bool(np.allclose(one, two, rounding, rounding * large))


class Written:
    """Finds the lines that have written an array, which has a value in each of some trials."""

    def __init__(self, found: Sequence[Trial]) -> None:
        self.rounding = float(np.sqrt(np.finfo(found[0].trace.graph.settings.dtype).eps))
        self.lines: dict[int, list[tuple[int, list[_Numbers]]]] = {}  # by size
        for place, lines in enumerate(zip(*(one.lines for one in found), strict=True)):
            if lines[0].function in TRAIN and lines[0].function != "track":
                numbers = [_Numbers.of(line.value) for line in lines]
                self.lines.setdefault(lines[0].value.size, []).append((place, numbers))

    def places(self, arrays: Sequence[Array]) -> Iterator[int]:
        """The lines, first one first; `arrays` are one for each of the trials."""
        numbers = [_Numbers.of(one) for one in arrays]
        for place, written in self.lines.get(arrays[0].size, ()):
            pairs = zip(numbers, written, strict=True)
            if all(one.alike(other, self.rounding) for one, other in pairs):
                yield place

    def constant(self, arrays: Sequence[Array]) -> bool:
        """Whether a value is the same in all trials."""
        first, *others = map(_Numbers.of, arrays)
        return all(first.alike(one, self.rounding) for one in others)

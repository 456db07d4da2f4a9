"""How long a step of a module takes, and each of its statements; what it takes in memory.

The statements are timed where they stand, one clock before and one after each, in steps of their
own; what the clock itself takes is measured beside them and subtracted. How long a step takes is
measured without clocks, in turn with the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphc.bench.clocks import Site
from graphc.bench.held import held, now, peak, taken, taken_by
from graphc.bench.measure import Meter
from graphc.data import CallError
from graphc.verify.module import Module, NotAModule

__all__ = ["Bench", "Cannot", "NotAModule", "Spread", "Timed", "bench"]


class Cannot(ValueError):
    """A module that cannot be measured, since its step fails."""


@dataclass(frozen=True)
class Spread:
    """Microseconds: the median of some runs, and between what half of them lie."""

    microseconds: float
    low: float
    high: float
    runs: int


@dataclass(frozen=True)
class Timed:
    """A statement of the module; `share` is that of a step, None if a step does not run it."""

    site: Site
    microseconds: float
    share: float | None
    allocated: int  # bytes, for a moment


@dataclass(frozen=True)
class Bench:
    """What was found. The statements in a step, and `rest`, add up to a step."""

    dtype: str
    parameters: int
    sizes: Mapping[str, int]
    step: Spread
    predict: Spread | None
    loss: Spread
    products: Spread | None  # the matrix products of a step alone, if it has any
    product_count: int
    statements: tuple[Timed, ...]
    rest: float  # microseconds: calls of the functions, and what no clock is set at
    bytes: Mapping[str, int]  # of arrays that are made once, by what they are for
    allocated: int  # bytes that a step takes for a moment
    kept: int  # bytes that are still there after it

    @property
    def whole(self) -> float:
        """What shares are parts of: the microseconds of the statements in a step, and the rest."""
        inside = (one.microseconds for one in self.statements if one.share is not None)
        return sum(inside, self.rest)


def bench(source: str, batch_size: int | None = None, seconds: float = 2.0, seed: int = 0) -> Bench:
    """Measures the text of an emitted module, on random data.

    `batch_size` is that of the module's `fit` if it is not given. Raises `NotAModule` if the text
    is no module, `CallError` if it has no batch that could be of a size, `Cannot` if a step fails.
    """
    module = Module(source, seed)
    if "batch" in module.sizes:
        module.resize(batch=batch_size or module.loaded.DEFAULTS["batch_size"])
    elif batch_size is not None:
        raise CallError("no data of the model has a size called `batch`, so it takes no batch size")
    try:
        meter = Meter(module)
        meter.plain["step"]()
    except MemoryError:
        raise
    except Exception as error:  # a module that was changed by hand can fail in any way
        raise Cannot(f"its step fails on random data: {error}") from error
    meter.run(seconds)
    return _result(module, meter)


def _result(module: Module, meter: Meter) -> Bench:
    times = {kind: _spread(samples) for kind, samples in meter.times.items()}
    step = times["step"].microseconds
    statements, rest = _statements(meter, step)
    allocated, kept = taken(meter.afresh(meter.plain["step"]))
    products = None
    if meter.products.count:
        nothing, spent = np.array(meter.floor).T
        products = _spread(spent - np.median(nothing))
    return Bench(
        dtype=np.dtype(module.loaded.DTYPE).name,
        parameters=module.loaded.SIZE,
        sizes=module.sizes,
        step=times["step"],
        predict=times.get("predict"),
        loss=times["loss"],
        products=products,
        product_count=meter.products.count,
        statements=statements,
        rest=rest,
        bytes=held(module, meter.trainer),
        allocated=allocated,
        kept=kept,
    )


def _spread(nanoseconds: Any) -> Spread:
    low, middle, high = (float(part) / 1000 for part in np.percentile(nanoseconds, (25, 50, 75)))
    return Spread(middle, low, high, len(nanoseconds))


def _statements(meter: Meter, step: float) -> tuple[tuple[Timed, ...], float]:
    """Each statement, once, as it is in a step or else where it runs; and what else a step is.

    Clocks can slow a step down by more than they know of: then their sum counts as the step.
    """
    clocks = meter.twin.clocks
    meter.twin.space |= clocks.names(now, peak)
    found: dict[int, tuple[float, int, str]] = {}
    for kind, run in meter.clocked.items():
        times, ran = np.median(meter.rows[kind], axis=0) / 1000, meter.ran[kind]
        nothing = np.median([times[i] for i in clocks.empty if ran[i]])
        for place, most in taken_by(clocks, meter.afresh(run)).items():
            spent = max(0.0, float(times[place] - ran[place] * nothing))
            found.setdefault(place, (spent, most, kind))
    known = sum(spent for spent, _, kind in found.values() if kind == "step")
    whole = max(step, known)
    statements = tuple(
        Timed(clocks.sites[place], spent, spent / whole if kind == "step" else None, most)
        for place, (spent, most, kind) in sorted(found.items())
    )
    return statements, whole - known

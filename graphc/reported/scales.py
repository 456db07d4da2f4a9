"""From numbers to places on a chart: linear or logarithmic, with round numbers as ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphc.training.curves import DECADES

LEAST, GREATEST = 1e-300, 1e300  # magnitudes that a chart can tell from 0, and that it has room for
APART = 26.0  # pixels between two ticks, at least


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high`, drawn from the pixel `start` to the pixel `end`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The pixel of a value."""
        low, high, value = map(self._turned, (self.low, self.high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self, apart: float = APART) -> list[float]:
        """Round values between `low` and `high`, so many pixels apart; nearer if one were alone."""
        most = max(2, int(abs(self.end - self.start) / apart))
        found = _decades(self.low, self.high, most) if self.log else []
        while len(found) < 2:
            found = _even(self.low, self.high, most)
            most += 1
        return found

    def _turned(self, value: float) -> float:
        return math.log10(value) if self.log else value


def fitted(
    values: Iterable[float],
    start: float,
    end: float,
    *,
    log: bool | None = None,
    zero: bool = False,
) -> Scale:
    """The scale that shows all drawable ones of some values.

    Without `log` it is logarithmic where they are above 0 and span decades. With `zero` it begins
    there if it is linear.
    """
    known: list[float] = drawable([*values]).tolist() or [0.0, 1.0]
    low, high = min(known), max(known)
    if log is None:
        log = low > 0 and math.log10(high) - math.log10(low) >= DECADES
    if log:
        return Scale(*(_around(low, high) if low == high else (low, high)), start, end, log=True)
    low = min(low, 0.0) if zero else low
    if high - low <= 1e-9 * max(abs(high), abs(low)):
        low, high = _around(low, high)
    else:
        margin = 0.04 * (high - low)
        low, high = low - margin * (not zero or low < 0), high + margin
    return Scale(low, high, start, end)


def drawable(numbers: ArrayLike) -> NDArray[np.float64]:
    """Those of some numbers that a chart has room for, the tiniest as 0: one axis."""
    wide = np.asarray(numbers, np.float64).ravel()
    wide = wide[np.abs(wide) <= GREATEST]
    return np.where(np.abs(wide) < LEAST, 0.0, wide)


def labels(ticks: Sequence[float]) -> list[str]:
    """Ticks as texts, each in as many digits as tell it from the next."""
    texts = [short(value) for value in ticks]
    digits = 3
    while len(set(texts)) < len(texts) and digits < 12:
        digits += 1
        texts = [f"{value:,.{digits}g}" for value in ticks]
    return texts


def short(value: float) -> str:
    """A number in three digits or a few more: `0.0312`, `1,250`, `4e6`."""
    if not math.isfinite(value):
        return "not finite"
    if value == 0 or 1e-4 <= abs(value) < 1e4:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    if value == int(value) and abs(value) < 1e6:
        return f"{value:,.0f}"
    return f"{value:.3g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def _around(low: float, high: float) -> tuple[float, float]:
    """A little room around values that are all the same."""
    room = 0.5 * abs(high) or 0.5
    return low - room, high + room


def _even(low: float, high: float, most: int) -> list[float]:
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(one * power for one in (1, 2, 5, 10, 20) if one * power >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [
        round(place * step, 12 - math.floor(math.log10(step))) for place in range(first, last + 1)
    ]


def _decades(low: float, high: float, most: int) -> list[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    for digits in ((1, 2, 5), (1, 3), (1,)):
        powers = range(math.floor(math.log10(low)), last + 1)
        ticks = [float(f"{digit}e{power}") for power in powers for digit in digits]
        ticks = [one for one in ticks if low * (1 - 1e-9) <= one <= high * (1 + 1e-9)]
        if len(ticks) <= most:
            return ticks
    step = math.ceil((last - first + 1) / most)
    return [float(f"1e{power}") for power in range(first, last + 1) if power % step == 0]

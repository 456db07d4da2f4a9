"""What a report tells of a run, in plain values; each section of the page has one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from graphc.training.history import Epoch


@dataclass(frozen=True, kw_only=True)
class Score:
    """How good the kept parameters are, those after epoch `kept`.

    `loss` is that of the rows trained on, None if it was not computed; `held_loss` and `metrics`
    are of the held-out rows, the metrics of all if none are held out.
    """

    kept: int
    done: int  # epochs, those before this run included
    wanted: int
    loss: float | None = None
    held_loss: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    rows: int | None = None  # trained on
    held_rows: int | None = None


@dataclass(frozen=True)
class Confusion:
    """Which class was taken for which: `counts[i]` rows of class `actual[i]` for `predicted[i]`.

    Only pairs that occurred are there. `names` are those of the classes by number.
    """

    target: str
    names: Sequence[str]
    actual: NDArray[Any]
    predicted: NDArray[Any]
    counts: NDArray[Any]


@dataclass(frozen=True)
class Fit:
    """The values of one column of a target, and what was predicted for them."""

    name: str
    actual: NDArray[Any]
    predicted: NDArray[Any]


@dataclass(frozen=True)
class Histogram:
    """How the numbers of an array are spread: `counts` in bins of one width from `low` to `high`.

    `zeros` are in no bin where the bins are of magnitudes. A few numbers stand in `values` too.
    """

    low: float
    high: float
    counts: Sequence[int]
    zeros: int
    norm: float  # the root of the sum of the squares
    size: int
    values: Sequence[float] = ()


@dataclass(frozen=True)
class Moment:
    """Parameters and gradients, by parameter, after an epoch; gradients by log10 of magnitude."""

    epoch: int
    weights: Mapping[str, Histogram]
    gradients: Mapping[str, Histogram]


@dataclass(frozen=True)
class Parameter:
    """A row of the table of parameters."""

    name: str
    shape: tuple[int, ...]
    size: int
    bytes: int
    frozen: bool


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that a page tells. `ending` is empty for a run that came to its end."""

    title: str
    when: str  # it began, and how long it took
    command: str
    facts: Sequence[tuple[str, str]]  # what it is, and its value
    ending: str = ""
    failed: bool = False
    warnings: Sequence[str] = ()
    score: Score
    epochs: Sequence[Epoch] = ()
    confusions: Sequence[Confusion] = ()
    fits: Sequence[Fit] = ()
    fitted_rows: str = ""  # which rows these are of
    moments: Sequence[Moment] = ()
    drawing: str = ""  # an `svg` element
    text: str = ""  # of the model
    parameters: Sequence[Parameter] = ()
    costs: Sequence[tuple[str, str]] = ()  # memory and time

"""What a trainer holds in memory, in bytes, and what a step takes for a moment."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from graphc.bench.clocks import Clocks
from graphc.verify.module import Module

WARM = 2  # steps after which nothing is taken that is kept


def held(module: Module, trainer: Any) -> dict[str, int]:
    """Bytes of the arrays that are made once, by what they are for."""
    loaded, sizes = module.loaded, module.sizes.values()
    kinds = {"step": "Buffers", "evaluation": "EvaluationBuffers"}
    made = {
        purpose: vars(getattr(loaded, kind)(*sizes))
        for purpose, kind in kinds.items()
        if hasattr(loaded, kind)
    }
    return {
        **{purpose: nbytes(arrays.values()) for purpose, arrays in made.items()},
        "parameters": nbytes([trainer.theta]),
        "gradient": nbytes([trainer.gradient]),
        "optimizer": nbytes(vars(trainer.state).values()),
        "constants": nbytes(one for one in vars(loaded).values() if getattr(one, "ndim", 0)),
    }


def nbytes(values: Iterable[object]) -> int:
    """The bytes of the arrays among some values; those that share memory count once."""
    owners = [_owner(value) for value in values if isinstance(value, np.ndarray)]
    return sum(array.nbytes for array in {id(array): array for array in owners}.values())


def _owner(array: Any) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def taken(step: Callable[[], object]) -> tuple[int, int]:
    """The most bytes that a step takes for a moment, and those still there after it."""
    with _traced():
        for _ in range(WARM):
            step()
        before = now()
        step()
        after, most = tracemalloc.get_traced_memory()
    return most - before, after - before


def taken_by(clocks: Clocks, step: Callable[[], object]) -> dict[int, int]:
    """The most bytes that each site takes for a moment; its clocks are `now` and `peak`."""
    with _traced():
        for _ in range(WARM):
            clocks.read()
            step()
    spent, ran = clocks.read()
    nothing = max(spent[place] for place in clocks.empty)
    return {
        place: max(0, spent[place] // ran[place] - nothing)
        for place, site in enumerate(clocks.sites)
        if site.text and ran[place]
    }


def now() -> int:
    """The bytes in use; from here on their peak is sought."""
    tracemalloc.reset_peak()
    return tracemalloc.get_traced_memory()[0]


def peak() -> int:
    """The most bytes in use since `now`."""
    return tracemalloc.get_traced_memory()[1]


@contextmanager
def _traced() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()

"""The gradient of the right column against finite differences of its loss, in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from graphc.verify.module import Module

TOLERANCE = 1e-6
MOST, LEAST = 24, 4  # entries of one parameter that are checked, drawn at random
TOGETHER = 240  # of all parameters, as far as the least allows
CLEAR = 1e-8  # a difference that needs no other step
STEPS = (1e-5, 1e-4, 1e-3, 1e-6)


@dataclass(frozen=True)
class ParameterCheck:
    """One parameter's gradient: entries checked, and the largest relative error among them."""

    name: str
    shape: tuple[int, ...]
    checked: int
    error: float

    @property
    def agrees(self) -> bool:
        return self.error <= TOLERANCE


class Held:
    """`stop_gradient` as differences must see it: what it gave at the start, whatever moves."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.again: Iterator[Any] | None = None

    def __call__(self, x: Any) -> Any:
        if self.again is not None:
            return next(self.again)
        self.values.append(x)
        return x

    def replay(self) -> None:
        """From now on gives the values of the first run again, from the first on."""
        self.again = iter(self.values)


def gradients(module: Module) -> Iterator[ParameterCheck]:
    """Checks every parameter that the loss depends on."""
    trainer = module.trainer(module.loaded)
    held = Held()
    start = {**module.meanings(module.loaded, trainer), "stop_gradient": held}
    parts = {name: [one.meaning for one in lines] for name, lines in module.functions.items()}
    # what is drawn is drawn once: the same numbers on both sides of a difference
    start = _run(parts.get("draw", []), start, {"rng": np.random.default_rng(module.seed)})
    loss = [*parts["forward"], *parts["loss"]]
    result, names = module.returned("loss"), module.gradient_names()
    whole = _run([*loss, *parts["backward"]], start, {})
    level = abs(float(eval(result, whole)))
    # the transposes that some have come after all of them
    emitted = dict(zip(module.loaded.PARAMETERS, vars(trainer._params), strict=False))
    trained = getattr(module.loaded, "TRAINED", module.loaded.SIZE)
    rng = np.random.default_rng(module.seed)

    def moved(name: str, place: int) -> Callable[[float], float]:
        def at(distance: float) -> float:
            value = start[name].copy()
            value.flat[place] += distance
            held.replay()
            return float(eval(result, _run(loss, start, {name: value})))

        return at

    for name, view in trainer.params.items():
        own = emitted[name]
        gradient, lost = np.zeros(view.shape), np.full(view.shape, np.nan)
        if own in names:
            gradient = np.asarray(whole.get(names[own], lost), np.float64)
        elif module.loaded.PLACES[name].start >= trained:
            continue  # frozen
        scale = max(float(abs(gradient).max()), 1e-3 * level, 1e-8)
        count = max(LEAST, min(MOST, TOGETHER // len(trainer.params)))
        places = rng.choice(view.size, min(view.size, count), replace=False)
        errors = [_error(moved(own, place), gradient.flat[place], scale) for place in places]
        error = max(errors) if np.isfinite(gradient).all() else float("inf")
        yield ParameterCheck(name, view.shape, len(places), error)


def _error(at: Callable[[float], float], expected: float, scale: float) -> float:
    """The smallest relative error of the differences, tried until one is clear."""
    best = float("inf")
    for slope in _slopes(at):
        best = min(best, abs(slope - expected) / scale)
        if best <= CLEAR:
            break
    return best


def _run(
    code: Sequence[CodeType | None], start: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    space = {**start, **changes}
    with np.errstate(all="ignore"):
        for one in code:
            if one is not None:
                exec(one, space)
    return space


def _slopes(at: Callable[[float], float]) -> Iterator[float]:
    """Central differences of second and fourth order; which is best depends on the function."""
    for step in STEPS:
        near = (at(step) - at(-step)) / (2 * step)
        yield near
        yield (4 * near - (at(2 * step) - at(-2 * step)) / (4 * step)) / 3

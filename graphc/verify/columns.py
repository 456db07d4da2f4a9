"""The two columns side by side: each statement's value against its meaning's, in float64."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphc.compiled import load_source
from graphc.phases import OUTPUTS
from graphc.verify.module import Loop, Module, Statement

TOLERANCE = {"float32": 2e-3, "float64": 1e-9}


@dataclass(frozen=True)
class Disagreement:
    """A statement whose value is not what its comment says; `error` is relative to the largest."""

    line: int
    statement: str
    comment: str
    error: float


class Columns:
    """Runs both columns of a module, as it is and with every array in float64."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.wrong: dict[int, Disagreement] = {}
        self.largest = 1e-30

    def disagreements(self) -> tuple[Disagreement, ...]:
        """Every statement that differs from its comment, once, in the order they were met."""
        loaded = self.module.loaded
        self._run(loaded, TOLERANCE[np.dtype(loaded.DTYPE).name])
        if np.dtype(loaded.DTYPE) == np.float32:
            # where rounding cannot hide a mistake
            text = re.sub(r"(?m)^DTYPE = float32$", "DTYPE = np.float64", self.module.source)
            self._run(load_source(text, "verified"), TOLERANCE["float64"])
        return tuple(self.wrong.values())

    def _run(self, loaded: Any, tolerance: float) -> None:
        module = self.module
        trainer = module.trainer(loaded)
        holders = {"params": trainer._params, "grads": trainer._grads}
        left = {**vars(loaded), **holders, **module.arguments(loaded.DTYPE)}
        right = module.meanings(loaded, trainer)
        # both columns draw the same numbers, so in one precision
        left["rng"], right["rng"] = (np.random.default_rng(module.seed) for _ in range(2))
        precision = {"draw": loaded.DTYPE}
        buffers: dict[str, Any] = {}
        for kind, names in module.runs:
            if kind not in buffers:
                buffers[kind] = getattr(loaded, kind)(*module.sizes.values())
            left["buf"] = buffers[kind]
            for name in names:
                right["DTYPE"] = precision.get(name, np.float64)
                self._compare(module.functions.get(name, []), left, right, tolerance)
                if name in OUTPUTS:
                    self._kept(left["buf"], right, tolerance)
        self._update(loaded, trainer, tolerance)

    def _kept(self, buffers: Any, right: dict[str, Any], tolerance: float) -> None:
        """Compares the outputs once more, when all of them must stand in their arrays."""
        for name in self.module.outputs:
            meant = right.get(name, np.inf)  # which it has not, if its comment failed
            error = self._difference(getattr(buffers, name), meant, tolerance)
            if not error <= tolerance:
                found = Disagreement(0, f"predict returns {name}", f"{name} as computed", error)
                self.wrong.setdefault(-len(self.wrong), found)

    def _update(self, loaded: Any, trainer: Any, tolerance: float) -> None:
        size = trainer.theta.size
        gradient = np.random.default_rng(self.module.seed).standard_normal(size)
        left = {**vars(loaded), "state": loaded.State(size), "theta": trainer.theta}
        left["gradient"] = gradient.astype(loaded.DTYPE)
        right = {**vars(np), **vars(loaded), "DTYPE": np.float64}
        right |= {"theta": trainer.theta.astype(np.float64), "gradient": gradient}
        kept = vars(left["state"])
        right |= {n: kept[n].astype(float) for n in (*loaded.STATES, "matrices") if n in kept}
        for step in (1, 2):
            left |= {"step": step, "epoch": step}
            right |= {"step": step, "epoch": step}
            self._compare(self.module.update, left, right, tolerance)

    def _compare(
        self,
        statements: Sequence[Statement | Loop],
        left: dict[str, Any],
        right: dict[str, Any],
        tolerance: float,
    ) -> None:
        with np.errstate(all="ignore"):
            for one in statements:
                if isinstance(one, Loop):
                    self._compare_blocks(one, left, right, tolerance)
                    continue
                try:
                    exec(one.code, left)
                    if one.meaning is None:
                        continue
                    exec(one.meaning, right)
                    error = self._difference(left[one.name], right[one.name], tolerance)
                except Exception:  # a module that was tampered with can fail in any way
                    error = float("inf")
                if not error <= tolerance:
                    found = Disagreement(one.line, one.text, one.comment, error)
                    self.wrong.setdefault(one.line, found)

    def _compare_blocks(
        self, loop: Loop, left: dict[str, Any], right: dict[str, Any], tolerance: float
    ) -> None:
        size = len(right[loop.names[0]])  # scratch is shorter, if it is there
        whole = {n: right[n] for n in loop.names if n in right and len(right[n]) == size}
        after = {name: value.copy() for name, value in whole.items()}
        before, start = {name: left[name] for name in loop.names}, 0
        for vectors in eval(loop.blocks, left):
            left |= dict(zip(loop.names, vectors, strict=True))
            part = slice(start, start + len(vectors[0]))
            right |= {name: value[part] for name, value in whole.items()}
            self._compare(loop.body, left, right, tolerance)
            for name, value in after.items():
                if np.shape(right[name]) == value[part].shape:  # else it was told already
                    value[part] = right[name]
            start = part.stop
        left |= before
        right |= after

    def _difference(self, left: Any, right: Any, tolerance: float) -> float:
        """The largest difference, relative to the largest value; infinite if the shapes differ.

        A value that is all rounding is measured against the largest that was met before it.
        """
        left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
        if left.shape != right.shape:
            return float("inf")
        size = float(np.nan_to_num(abs(right), posinf=0).max(initial=0))
        self.largest = max(self.largest, size)
        same = (left == right) | (np.isnan(left) & np.isnan(right))
        if same.all():
            return 0.0
        error = float(abs(left - right)[~same].max())
        return error / max(size, self.largest * float(tolerance**0.75))

"""The two columns side by side: each statement's value against its meaning's, in float64."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from types import CodeType
from typing import Any

import numpy as np

from graphc.compiled import load_source
from graphc.phases import OUTPUTS
from graphc.verify.disagreement import Disagreement, failing, gap, reason
from graphc.verify.mending import Kept, Mender, Space, outcome
from graphc.verify.module import Module
from graphc.verify.statements import Loop, Statement, names_in

TOLERANCE = {"float32": 2e-3, "float64": 1e-9}


class Columns:
    """Runs both columns of a module, with every array in float64 and as it is.

    After a disagreement the left column goes on with the value of the right one, or the right with
    that of the left if it has none. What neither has is lost: what reads it is not compared.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self.wrong: dict[tuple[int, str], Disagreement] = {}
        self.compared: set[tuple[int, str]] = set()
        self.lost: set[str] = set()
        self.largest = 0.0

    def disagreements(self) -> tuple[Disagreement, ...]:
        """Every statement that differs from its comment, once, in the order of the lines."""
        loaded = self.module.loaded
        if np.dtype(loaded.DTYPE) == np.float32:
            # first where rounding cannot hide a mistake until a later statement shows it
            text = re.sub(r"(?m)^DTYPE = float32$", "DTYPE = np.float64", self.module.source)
            self._run(load_source(text, "verified"), TOLERANCE["float64"])
        self._run(loaded, TOLERANCE[np.dtype(loaded.DTYPE).name])
        return tuple(self.wrong[key] for key in sorted(self.wrong))

    @property
    def agreeing(self) -> int:
        """How many statements were always what their comments say."""
        return len(self.compared - self.wrong.keys())

    def _run(self, loaded: Any, tolerance: float) -> None:
        self.lost, self.largest = set(), 1e-30
        module = self.module
        if hasattr(loaded, "empty"):  # nan, so that no array holds what it should by chance
            loaded.empty = lambda size, dtype: np.full(size, 255, dtype)
        trainer = module.trainer(loaded)
        holders = {"params": trainer._params, "grads": trainer._grads}
        left = {**vars(loaded), **holders, **module.arguments(loaded.DTYPE)}
        right = module.meanings(loaded, trainer)
        # both columns draw the same numbers, so in one precision
        left["rng"], right["rng"] = (np.random.default_rng(module.seed) for _ in range(2))
        precision = {"draw": loaded.DTYPE}
        buffers: Space = {}
        for kind, names in module.runs:
            if kind not in buffers:
                buffers[kind] = getattr(loaded, kind)(*module.sizes.values())
            left["buf"] = buffers[kind]
            for name in names:
                right["DTYPE"] = precision.get(name, np.float64)
                # a function has names of its own
                self._compare(module.functions.get(name, []), {**left}, right, tolerance)
                if name in OUTPUTS:
                    self._kept(left["buf"], right, tolerance)
        self._update(loaded, trainer, tolerance)

    def _kept(self, buffers: Any, right: Space, tolerance: float) -> None:
        """Compares the outputs once more, when all of them must stand in their arrays."""
        line, names = self.module.outputs
        for name in names:
            text = f"predict returns {name}"
            if name in self.lost:
                continue
            if name not in right:
                self._tell(line, text, "", "no comment says what it is")
                continue
            try:
                error, how = self._difference(getattr(buffers, name), right[name], tolerance)
            except Exception as problem:
                self._tell(line, text, "", f"fails: {failing(problem)}")
                continue
            if not error <= tolerance:
                comment = f"{name} as computed"
                self._tell(line, text, comment, f"should be {comment}; {how}", error)

    def _update(self, loaded: Any, trainer: Any, tolerance: float) -> None:
        self.lost = set()
        size = trainer.theta.size
        gradient = np.random.default_rng(self.module.seed).standard_normal(size)
        left = {**vars(loaded), "state": loaded.State(size), "theta": trainer.theta}
        left["gradient"] = gradient.astype(loaded.DTYPE)
        right = {**vars(np), **vars(loaded), "DTYPE": np.float64}
        right |= {"theta": trainer.theta.astype(np.float64), "gradient": gradient}
        kept = vars(left["state"])
        right |= {n: kept[n].astype(float) for n in (*loaded.STATES, "matrices") if n in kept}
        for step in (1, 2):
            now = {"step": step, "epoch": step}
            right |= now
            self._compare(self.module.update, {**left, **now}, right, tolerance)

    def _compare(
        self, statements: Sequence[Statement | Loop], left: Space, right: Space, tolerance: float
    ) -> None:
        with np.errstate(all="ignore"):
            for one in statements:
                if isinstance(one, Loop):
                    self._compare_blocks(one, left, right, tolerance)
                elif one.meaning is None:
                    self._unpack(one, left)
                elif self.lost and self._follows(one, left):
                    self._lose([one.name], left)
                else:
                    self._compare_one(one, one.meaning, left, right, tolerance)

    def _compare_one(
        self, one: Statement, meaning: CodeType, left: Space, right: Space, tolerance: float
    ) -> None:
        key = one.line, one.text
        self.compared.add(key)
        kept, error, how = Kept(one, left), float("inf"), ""
        got, failure = outcome(one.code, left, one.name)
        meant, flaw = outcome(meaning, right, one.name)
        if not failure and not flaw:
            error, how = self._difference(got, meant, tolerance)
        self.lost.discard(one.name)
        if not error <= tolerance:
            told = reason(one, failure, flaw, how)
            self._tell(one.line, one.text, one.comment, told, error)
        if key not in self.wrong:
            return
        # also if here it is wrong within the tolerance, which later can be more
        mender = Mender(left, right, tolerance)
        if not mender.mend(one, kept, not failure, not flaw):
            self._lose([one.name], left)

    def _unpack(self, one: Statement, left: Space) -> None:
        try:
            exec(one.code, left)
        except Exception as error:
            if not self._unbound(one.code, left):
                self._tell(one.line, one.text, "", f"fails: {failing(error)}")
            self._lose(names_in(one.text, ast.Store), left)

    def _follows(self, one: Statement, left: Space) -> bool:
        """Whether a statement cannot be compared because of another."""
        read = names_in(one.comment, ast.Load)
        return self._unbound(one.code, left) or not self.lost.isdisjoint(read)

    def _unbound(self, code: CodeType, left: Space) -> bool:
        """Whether a line fails only because another has failed to bind a name."""
        return any(name in code.co_names and name not in left for name in self.lost)

    def _lose(self, names: Iterable[str], left: Space) -> None:
        """Notes names that neither column has the value of; arrays are still there."""
        for name in names:
            self.lost.add(name)
            if not isinstance(left.get(name), np.ndarray):
                left.pop(name, None)

    def _tell(
        self, line: int, text: str, comment: str, why: str, error: float = float("inf")
    ) -> None:
        found = Disagreement(line, text, comment, error, why)
        self.wrong.setdefault((line, text), found)

    def _compare_blocks(self, loop: Loop, left: Space, right: Space, tolerance: float) -> None:
        try:
            blocks = [
                (dict(zip(loop.names, vectors, strict=True)), len(vectors[0]))
                for vectors in eval(loop.blocks, left)
            ]
        except Exception as error:
            if not self._unbound(loop.blocks, left):
                self._tell(loop.line, loop.text, "", f"fails: {failing(error)}")
            self._lose([one.name for one in loop.body], left)
            return
        before = {name: left[name] for name in loop.names if name in left}
        size = right["theta"].shape  # scratch is shorter, if it is there
        whole = {n: right[n] for n in loop.names if n in right and np.shape(right[n]) == size}
        after, start = {name: value.copy() for name, value in whole.items()}, 0
        for vectors, length in blocks:
            left |= vectors
            part = slice(start, start + length)
            right |= {name: value[part] for name, value in whole.items()}
            self._compare(loop.body, left, right, tolerance)
            for name, value in after.items():
                if np.shape(right[name]) == value[part].shape:  # else it is lost
                    value[part] = right[name]
            start = part.stop
        left |= before
        right |= after

    def _difference(self, left: Any, right: Any, tolerance: float) -> tuple[float, str]:
        """The largest difference, relative to the largest value, and how it is told.

        A value that is all rounding is measured against the largest that was met before it.
        """
        left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
        if left.shape != right.shape:
            return float("inf"), gap(left, right, float("inf"))
        size = float(np.nan_to_num(abs(right), posinf=0).max(initial=0))
        self.largest = max(self.largest, size)
        same = (left == right) | (np.isnan(left) & np.isnan(right))
        if same.all():
            return 0.0, ""
        error = float(abs(left - right)[~same].max())
        error /= max(size, self.largest * float(tolerance**0.75))
        error = float("inf") if np.isnan(error) else error
        return error, gap(left, right, error)

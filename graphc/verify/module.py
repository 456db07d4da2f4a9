"""An emitted module taken apart: functions as pairs of statement and meaning, random data."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from types import CodeType
from typing import Any

import numpy as np

from graphc.compiled import load_source
from graphc.phases import EVALUATE, PREDICT, TRAIN
from graphc.verify.statements import Loop, Statement, loop, statement

FUNCTIONS = {*PREDICT, *TRAIN, *EVALUATE, "update"}
PRIMES = (5, 3, 7, 2, 11, 13, 17, 19)  # run-time sizes that nothing else is


class NotAModule(ValueError):
    """A file that graphc has not written."""


class Module:
    """A module's text, loaded and parsed, with a start and data drawn at random from `seed`."""

    def __init__(self, source: str, seed: int) -> None:
        self.source = source
        self.seed = seed
        self.loaded: Any = _loaded(source)
        self.tree = {
            node.name: node
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef) and node.name in FUNCTIONS
        }
        rng = np.random.default_rng(seed)
        shapes = [shape for _, _, shape, _ in self.loaded.DATA.values()]
        names = dict.fromkeys(size for shape in shapes for size in shape if isinstance(size, str))
        self.sizes = dict(zip(names, PRIMES, strict=False))
        self.data = dict(self._data(rng))
        fresh = self.loaded.Trainer(seed=seed).params
        self.start = {
            name: value.astype(np.float64) + 0.1 * rng.standard_normal(value.shape)
            for name, value in fresh.items()
        }

    def resize(self, **sizes: int) -> None:
        """Draws the data anew, with some of the run-time sizes as given."""
        self.sizes |= sizes
        self.data = dict(self._data(np.random.default_rng(self.seed)))

    @cached_property
    def functions(self) -> dict[str, list[Statement]]:
        """The statements of each function of the mathematics, but for `update`."""
        found = {name: self._lines(node) for name, node in self.tree.items() if name != "update"}
        return {name: [statement(*line) for line in lines] for name, lines in found.items()}

    @cached_property
    def update(self) -> list[Statement | Loop]:
        """The statements of the optimizer's step."""
        lines = self._lines(self.tree["update"])
        return [loop(n, t) if isinstance(n, ast.For) else statement(n, t) for n, t in lines]

    def _lines(self, function: ast.FunctionDef) -> list[tuple[ast.stmt, Sequence[str]]]:
        lines = self.source.split("\n")
        return [
            (node, lines)
            for node in function.body
            if not isinstance(node, ast.Return | ast.Pass)
            and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        ]

    @cached_property
    def outputs(self) -> tuple[int, list[str]]:
        """The line on which `predict` copies the outputs, and their names in the buffers."""
        found = re.search(r"(?m)^ +result = (.*)$", self.source)
        if not found:
            return 0, []
        line = self.source.count("\n", 0, found.start()) + 1
        return line, re.findall(r"\bbuf\.(\w+)\.copy\(\)", found[1])

    @property
    def runs(self) -> list[tuple[str, tuple[str, ...]]]:
        """The classes of buffers, and the functions that are run on them one after another."""
        forward, outputs, loss = EVALUATE if "evaluate" in self.functions else PREDICT
        judging = "EvaluationBuffers" if hasattr(self.loaded, "EvaluationBuffers") else "Buffers"
        return [("Buffers", TRAIN), (judging, (forward, outputs)), (judging, (forward, loss))]

    @property
    def count(self) -> int:
        """How many statements have a meaning."""
        parts = [one for part in self.functions.values() for one in part]
        for one in self.update:
            parts += one.body if isinstance(one, Loop) else [one]
        return sum(one.meaning is not None for one in parts)

    def _data(self, rng: np.random.Generator) -> Iterator[tuple[str, Any]]:
        for name, (_, dtype, shape, classes) in self.loaded.DATA.items():
            sizes = tuple(self.sizes.get(size, size) for size in shape)
            if np.dtype(dtype).kind == "i":
                yield name, rng.integers(0, classes or 2, sizes)
            else:
                yield name, rng.uniform(0.1, 0.9, sizes)

    def trainer(self, loaded: Any) -> Any:
        """A trainer of this module, or of its twin in another precision, at the start."""
        trainer = loaded.Trainer(seed=self.seed)
        for name, value in self.start.items():
            trainer.params[name][...] = value
        return trainer

    def arguments(self, dtype: Any) -> dict[str, Any]:
        """The data in a precision, by the names that the functions give it."""
        emitted = list(inspect.signature(self.loaded.Trainer.step).parameters)[1:]
        return {
            name: value if value.dtype.kind == "i" else value.astype(dtype)
            for name, value in zip(emitted, self.data.values(), strict=True)
        }

    def meanings(self, loaded: Any, trainer: Any) -> dict[str, Any]:
        """The names that the right column starts from, in float64."""
        params = {name: view.astype(np.float64) for name, view in vars(trainer._params).items()}
        buffers = vars(loaded.Buffers(*self.sizes.values()))
        sizes = {name: value for name, value in buffers.items() if isinstance(value, int)}
        names = {**vars(np), **vars(loaded), "DTYPE": np.float64}
        return {**names, **params, **sizes, **self.arguments(np.float64)}

    def returned(self, function: str) -> CodeType:
        """The expression that a function returns."""
        for node in self.tree[function].body:
            if isinstance(node, ast.Return) and node.value is not None:
                return compile(ast.Expression(node.value), "<returned>", "eval")
        raise NotAModule(f"the module's function `{function}` returns nothing")

    def gradient_names(self) -> dict[str, str]:
        """What `backward` calls the gradient of each parameter."""
        found: dict[str, str] = {}
        for node in self.tree["backward"].body:
            if isinstance(node, ast.Assign):
                (target,) = node.targets
                left = target.elts if isinstance(target, ast.Tuple) else [target]
                names = re.findall(r"\bgrads\.(\w+)", ast.unparse(node.value))
                if names:
                    found |= dict(zip(names, map(ast.unparse, left), strict=True))
        return found


def _loaded(source: str) -> Any:
    try:
        module = load_source(source, "verified")
    except Exception as error:
        raise NotAModule(f"the file is no Python module that can be imported: {error}") from error
    wanted = ("forward", "loss", "backward", "update", "Trainer", "DATA", "DTYPE")
    for name in wanted:
        if not hasattr(module, name):
            raise NotAModule(f"the file is no module of graphc's: it has no `{name}`")
    return module

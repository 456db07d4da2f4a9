"""The proof of an emitted module: its comments against its statements, its gradient against differences.

The right column is run in float64, on random data, beside the left one; after each statement the
two values are compared. The loss of the right column alone is what finite differences are taken of.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphc.compiled import load_source

TOLERANCE = {"float32": 2e-3, "float64": 1e-9}
GRADIENT_TOLERANCE = 1e-6
FUNCTIONS = ("forward", "outputs", "loss", "backward")
HOLDERS = {"params", "grads", "buf", "state"}
SIZES = {"batch": 5}
MOST = 24  # entries of one parameter that are checked one by one


class NotAModule(ValueError):
    """A file that graphc has not written."""


@dataclass(frozen=True)
class Disagreement:
    """A statement whose value is not what its comment says; `error` is relative to the largest."""

    line: int
    statement: str
    comment: str
    error: float


@dataclass(frozen=True)
class ParameterCheck:
    """One parameter's gradient against finite differences; `error` is relative."""

    name: str
    shape: tuple[int, ...]
    checked: int
    error: float

    @property
    def agrees(self) -> bool:
        return self.error <= GRADIENT_TOLERANCE


@dataclass(frozen=True)
class Verification:
    """What was found: statements compared, those that disagree, and every parameter's gradient."""

    statements: int
    disagreements: tuple[Disagreement, ...]
    parameters: tuple[ParameterCheck, ...]

    @property
    def holds(self) -> bool:
        return not self.disagreements and all(one.agrees for one in self.parameters)


@dataclass(frozen=True)
class _Statement:
    """A line of a function: its code, and the meaning as an assignment; an unpacking has none."""

    line: int
    code: Any
    text: str
    meaning: Any
    comment: str
    name: str


def verify(source: str, seed: int = 0) -> Verification:
    """Verifies the text of an emitted module; raises NotAModule if it is none.

    A value at a kink can fall on either side of it in two precisions, so what disagrees is tried
    again on other random data: a wrong module disagrees on all.
    """
    module = _module(source)
    result = _Run(source, module, seed).result()
    for other in range(1, 3):
        if result.holds:
            break
        again = _Run(source, module, seed + other).result()
        result = again if again.holds else result
    return result


def _module(source: str) -> Any:
    try:
        module = load_source(source, "verified")
    except Exception as error:
        raise NotAModule(f"the file is no Python module that can be imported: {error}") from error
    missing = [n for n in (*FUNCTIONS[::2], "Trainer", "DATA", "DTYPE") if not hasattr(module, n)]
    if missing:
        raise NotAModule(f"the file is no module of graphc's: it has no `{missing[0]}`")
    return module


def _functions(source: str) -> dict[str, list[_Statement]]:
    """The statements of each function of the mathematics."""
    lines = source.split("\n")
    found = {}
    for function in ast.parse(source).body:
        if isinstance(function, ast.FunctionDef) and function.name in {*FUNCTIONS, "update"}:
            found[function.name] = [
                _statement(node, lines[node.lineno - 1 : node.end_lineno])
                for node in function.body
                if not isinstance(node, ast.Return | ast.Pass)
                and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
            ]
    return found


def _statement(node: ast.stmt, lines: Sequence[str]) -> _Statement:
    text = ast.unparse(node)
    code = compile(text, "<statement>", "exec")
    comment = lines[-1][node.end_col_offset or 0 :].strip().removeprefix("# ")
    if not comment and not _moves(node):
        comment = text.replace("[...] = ", " = ", 1)
    if not comment:
        return _Statement(node.lineno, code, text, None, "", "")
    name = comment.split(" = ")[0]
    return _Statement(node.lineno, code, text, compile(comment, "<comment>", "exec"), comment, name)


def _moves(node: ast.stmt) -> bool:
    """Whether a statement only unpacks parameters and buffers, or stores into them."""
    if not isinstance(node, ast.Assign):
        return False
    sides = [*node.targets, node.value]
    parts = [p for side in sides for p in (side.elts if isinstance(side, ast.Tuple) else [side])]
    return any(
        isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Name)
        and part.value.id in HOLDERS
        for part in parts
    )


@dataclass
class _Run:
    """Both columns on one set of random values."""

    source: str
    module: Any
    seed: int
    wrong: list[Disagreement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.functions = _functions(self.source)
        self.sizes = self._sizes()
        self.data = dict(self._data())
        shapes = self.module.PARAMETERS
        trainer = self.module.Trainer(seed=self.seed)
        self.start = {
            name: np.asarray(trainer.params[name], np.float64)
            + 0.1 * self.rng.standard_normal(shape)
            for name, shape in shapes.items()
        }

    def result(self) -> Verification:
        self._columns(self.module, np.dtype(self.module.DTYPE).name)
        if np.dtype(self.module.DTYPE) == np.float32:
            self._columns(self._double(), "float64")
        seen: dict[int, Disagreement] = {}
        for one in self.wrong:
            seen.setdefault(one.line, one)
        count = sum(one.meaning is not None for part in self.functions.values() for one in part)
        return Verification(count, tuple(seen.values()), tuple(self._gradients()))

    def _double(self) -> Any:
        """The same module with every array in float64, where rounding cannot hide a mistake."""
        text = re.sub(r"^DTYPE = float32$", "DTYPE = np.float64", self.source, flags=re.MULTILINE)
        return load_source(text, "verified")

    def _sizes(self) -> dict[str, int]:
        names = [d for _, _, shape, _ in self.module.DATA.values() for d in shape]
        return {n: SIZES.get(n, 3) for n in dict.fromkeys(names) if isinstance(n, str)}

    def _data(self) -> Iterator[tuple[str, Any]]:
        for name, (_, dtype, shape, classes) in self.module.DATA.items():
            sizes = tuple(self.sizes.get(size, size) for size in shape)
            if np.dtype(dtype).kind == "i":
                yield name, self.rng.integers(0, classes or 2, sizes)
            else:
                yield name, self.rng.uniform(0.1, 0.9, sizes)

    # -- the two columns -------------------------------------------------------------------------

    def _columns(self, module: Any, precision: str) -> None:
        trainer = module.Trainer(seed=self.seed)
        for name, value in self.start.items():
            trainer.params[name][...] = value
        buf = module.Buffers(*self.sizes.values())
        holders = {"params": trainer._params, "grads": trainer._grads, "buf": buf}
        left = vars(module) | holders | self._arguments(module.DTYPE)
        right = self.meanings(module, trainer)
        tolerance = TOLERANCE[precision]
        for name in FUNCTIONS:
            self._compare(self.functions.get(name, []), left, right, tolerance)
        # a second pass without `outputs`, as training runs it
        for name in ("forward", "loss", "backward"):
            self._compare(self.functions.get(name, []), left, right, tolerance)
        self._update(module, trainer, tolerance)

    def _arguments(self, dtype: Any) -> dict[str, Any]:
        names = self._emitted()
        return {
            names[name]: value if value.dtype.kind == "i" else value.astype(dtype)
            for name, value in self.data.items()
        }

    def _emitted(self) -> dict[str, str]:
        """What the module calls the data: the arguments of `step`, in order."""
        import inspect

        arguments = list(inspect.signature(self.module.Trainer.step).parameters)[1:]
        return dict(zip(self.module.DATA, arguments, strict=True))

    def meanings(self, module: Any, trainer: Any) -> dict[str, Any]:
        """The names that the right column starts from, in float64."""
        names = {id(view): name for name, view in vars(trainer._params).items()}
        params = {names[id(view)]: view.astype(np.float64) for view in trainer.params.values()}
        sizes = vars(self.module.Buffers(*self.sizes.values()))
        runtime = {name: value for name, value in sizes.items() if isinstance(value, int)}
        return vars(np) | vars(module) | params | runtime | self._arguments(np.float64)

    def _compare(
        self,
        statements: Sequence[_Statement],
        left: dict[str, Any],
        right: dict[str, Any],
        tolerance: float,
    ) -> None:
        with np.errstate(all="ignore"):
            for one in statements:
                exec(one.code, left)
                if one.meaning is None:
                    continue
                exec(one.meaning, right)
                error = _relative(left[one.name], right[one.name])
                if not error <= tolerance:
                    self.wrong.append(Disagreement(one.line, one.text, one.comment, error))

    def _update(self, module: Any, trainer: Any, tolerance: float) -> None:
        size = trainer.theta.size
        gradient = self.rng.standard_normal(size)
        state = module.State(size)
        left = vars(module) | {"state": state, "theta": trainer.theta}
        left["gradient"] = gradient.astype(module.DTYPE)
        right = vars(np) | {"theta": trainer.theta.astype(np.float64), "gradient": gradient}
        right |= {name: np.zeros(size) for name in module.STATES}
        for step in (1, 2):
            left |= {"step": step, "epoch": step}
            right |= {"step": step, "epoch": step}
            self._compare(self.functions["update"], left, right, tolerance)

    # -- the gradient ----------------------------------------------------------------------------

    def _gradients(self) -> Iterator[ParameterCheck]:
        trainer = self.module.Trainer(seed=self.seed)
        for name, value in self.start.items():
            trainer.params[name][...] = value
        names = {id(view): name for name, view in vars(trainer._params).items()}
        start = self.meanings(self.module, trainer)
        loss = [one.meaning for f in ("forward", "loss") for one in self.functions.get(f, [])]
        back = [one.meaning for one in self.functions.get("backward", [])]
        result = self._returned("loss")
        views = self._views()

        def value(changes: Mapping[str, Any], code: Sequence[Any] = loss) -> dict[str, Any]:
            space = {**start, **changes}
            with np.errstate(all="ignore"):
                for one in code:
                    if one is not None:
                        exec(one, space)
            return space

        whole = value({}, [*loss, *back])
        level = abs(float(whole[result]))
        for name, view in trainer.params.items():
            emitted = names[id(view)]
            if emitted not in views:
                continue
            gradient = np.asarray(whole[views[emitted]], np.float64)
            places = np.arange(view.size)
            if view.size > MOST:
                places = self.rng.choice(view.size, MOST, replace=False)
            error = 0.0
            for place in places:
                def at(x: float, place: int = place, emitted: str = emitted) -> float:
                    moved = start[emitted].copy()
                    moved.flat[place] += x
                    return float(value({emitted: moved})[result])

                scale = max(float(abs(gradient).max()), 1e-4 * level, 1e-8)
                error = max(error, min(_difference(at, gradient.flat[place], scale)))
            yield ParameterCheck(name, view.shape, len(places), error)

    def _returned(self, function: str) -> str:
        for node in ast.parse(self.source).body:
            if isinstance(node, ast.FunctionDef) and node.name == function:
                (returned,) = (part for part in node.body if isinstance(part, ast.Return))
                assert returned.value is not None
                return ast.unparse(returned.value)
        raise NotAModule(f"the module has no function `{function}`")

    def _views(self) -> dict[str, str]:
        """What `backward` calls the gradient of each parameter."""
        pattern = re.compile(r"grads\.(\w+)")
        found = {}
        for node in ast.parse(self.source).body:
            if isinstance(node, ast.FunctionDef) and node.name == "backward":
                for part in node.body:
                    if isinstance(part, ast.Assign) and (names := pattern.findall(ast.unparse(part))):
                        targets = part.targets[0]
                        left = targets.elts if isinstance(targets, ast.Tuple) else [targets]
                        found |= dict(zip(names, map(ast.unparse, left), strict=True))
        return found


def _relative(left: Any, right: Any) -> float:
    """The largest difference, relative to the largest value; infinite if the shapes differ."""
    left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
    if left.shape != right.shape:
        return float("inf")
    if not left.size or (left == right).all():
        return 0.0
    return float(abs(left - right).max() / max(abs(right).max(), 1e-30))


def _difference(at: Any, slope: float, scale: float) -> Iterator[float]:
    """The relative error of a slope against central differences of second and fourth order."""
    for step in (1e-5, 1e-4, 1e-3, 1e-6):
        near = (at(step) - at(-step)) / (2 * step)
        yield abs(near - slope) / scale
        far = (at(2 * step) - at(-2 * step)) / (4 * step)
        yield abs((4 * near - far) / 3 - slope) / scale

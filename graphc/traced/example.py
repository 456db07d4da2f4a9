"""The example that is traced: a row of data, parameters, and what `--set` gives."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from lark.exceptions import UnexpectedInput

from graphc.compiled import Compiled
from graphc.data import CallError, DataError, Loaded, load, row_count, take, type_text
from graphc.data.errors import clipped
from graphc.errors import Report, nearest
from graphc.grammar import BadToken
from graphc.initial import start
from graphc.language import parse_rule
from graphc.model import Data, Parameter
from graphc.traced.evaluating import Array
from graphc.training import load_trainer, read_notes
from graphc.training.notes import Notes

ROWS = "; a batch is a list of rows, as [[1, 2], [3, 4]], or [[1], [0]]"


@dataclass(frozen=True)
class Given:
    """Where an example comes from, as the command line says it; rows count from 1."""

    data: Path | None = None
    rows: Sequence[int] = ()
    columns: Mapping[str, Sequence[str]] | None = None
    params: Path | None = None
    changed_model: bool = False
    seed: int | None = None
    values: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Example:
    """A module with a trainer whose parameters are set, and the arrays of one batch by name."""

    module: Any
    trainer: Any
    arrays: Mapping[str, Array]
    sizes: Mapping[str, int]  # of the run-time dimensions
    note: str = ""

    @property
    def leaves(self) -> dict[str, Array]:
        """Copies of data and parameters by name."""
        return {**self.arrays, **{name: np.array(one) for name, one in self.trainer.params.items()}}


def pairs(options: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` options by name; raises CallError."""
    found: dict[str, str] = {}
    for option in options:
        name, equals, text = (part.strip() for part in option.partition("="))
        if not (name and equals and text):
            raise CallError(f"--set {clipped(option, 80)}: expected NAME=VALUE")
        if name in found:
            raise CallError(f"--set {name}: it is given twice")
        found[name] = text
    return found


def example(compiled: Compiled, given: Given, file: Path) -> Example:
    """The example; raises DataError or CallError if something is missing or does not fit."""
    module = compiled.load()
    numbers = _numbers(compiled, given.values or {}, file)
    trainer, notes = _trainer(module, given)
    loaded = _loaded(compiled, given, notes, file, numbers)
    arrays: dict[str, Array] = {}
    if given.data is not None:
        arrays |= zip((one.name for one in compiled.data), loaded.arrays, strict=True)
    for one in compiled.data:
        if one.name in numbers:
            arrays[one.name] = _data(module, one, numbers[one.name])
    for parameter in compiled.model.parameters:
        if parameter.name in numbers:
            _set(trainer, parameter, numbers[parameter.name])
    ordered = {one.name: arrays[one.name] for one in compiled.data}
    return Example(module, trainer, ordered, _sizes(compiled.data, ordered, numbers), loaded.note)


def _numbers(compiled: Compiled, values: Mapping[str, str], file: Path) -> dict[str, Array]:
    """The values that are set, by the names of data and parameters; raises CallError."""
    known = [one.name for one in compiled.data]
    known += [one.name for one in compiled.model.parameters]
    for name in values:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean `{near}`?" if near else f"it has {', '.join(known) or 'none'}"
            told = f"{file} has no input, target or parameter `{name}`; {hint}"
            raise CallError(f"--set {clipped(name)[1:-1]}: {told}")
    return {name: _written(name, text, compiled.model.dtype) for name, text in values.items()}


def _set(trainer: Any, parameter: Parameter, number: Array) -> None:
    """Gives a parameter its value, which a number fills."""
    if number.ndim and number.shape != parameter.shape:
        expected, came = list(parameter.shape), list(number.shape)
        raise DataError(f"--set {parameter.name}: expected {expected} or a number, got {came}")
    trainer.params[parameter.name][...] = number


def _trainer(module: Any, given: Given) -> tuple[Any, Notes]:
    """A trainer with fresh parameters, or with those of a file; an optimizer that fits as well."""
    if given.params is None:
        return module.Trainer() if given.seed is None else module.Trainer(seed=given.seed), Notes()
    options = {"changed_model": given.changed_model}
    try:
        trainer = load_trainer(module, given.params, **options)
    except DataError:
        trainer = load_trainer(module, given.params, new_optimizer=True, **options)
    return trainer, read_notes(trainer, given.params)


def _loaded(
    compiled: Compiled, given: Given, notes: Notes, file: Path, numbers: Mapping[str, Array]
) -> Loaded:
    """The rows of data; raises CallError if nothing says where it stands."""
    data = compiled.data
    if given.data is None:
        if given.rows or given.columns:
            option = "--row" if given.rows else "--columns"
            raise CallError(f"{option} says what to take of a file of data; it needs --data")
        if wanted := [one for one in data if one.name not in numbers]:
            told = ", ".join(f"{one.name} {type_text(one)}" for one in wanted)
            sets = " ".join(f"--set {one.name}=…" for one in wanted)
            raise CallError(f"{file} needs {told}: give --data FILE --row N, or {sets}")
        return Loaded(())
    if not data:
        raise CallError(f"{file} has no inputs or targets: it takes no --data")
    loaded = load(
        given.data,
        data,
        columns=given.columns,
        dtype=compiled.model.dtype,
        classes=notes.classes if given.params else None,
        trained=notes.columns,
    )
    count = row_count(data, loaded.arrays)
    if count is None:
        if given.rows:
            raise CallError(f"{file}: no data has the dimension batch, so there are no rows")
        return loaded
    rows = np.array(given.rows or (1,))
    if rows.max() > count:
        told = "1 row" if count == 1 else f"{count:,} rows"
        raise DataError(f"{given.data} has {told}: there is no row {rows.max():,}")
    return replace(loaded, arrays=take(data, loaded.arrays, rows - 1))


def _written(name: str, text: str, dtype: str) -> Array:
    """A number or a nested list, in the syntax of models; raises CallError."""
    shown, report = clipped(text), Report()
    try:
        rules = parse_rule(f"y = {text}\n")
    except (UnexpectedInput, BadToken):
        rules = {}
    begun = start(rules["y"], report) if len(rules) == 1 and "y" in rules else None
    if begun is None or begun.shape is None:
        told = "; ".join(one.message for one in report.diagnostics if one.code == "E0503")
        told = told or "expected a number or a list of numbers, as [[1, 2], [3, 4]]"
        raise CallError(f"--set {name}={shown[1:-1]}: {told}")
    number = np.array(begun.arguments[0] if begun.values is None else begun.values, np.float64)
    with np.errstate(over="ignore"):
        finite = np.isfinite(number.astype(dtype)).all()
    if not finite:
        raise CallError(f"--set {name}={shown[1:-1]}: expected finite numbers of {dtype}")
    return number


def _data(module: Any, one: Data, number: Array) -> Array:
    """An array for an input or target; a number fills it.

    One row may stand for a batch; for rows of one number each, the numbers.
    """
    if not number.ndim:
        number = np.full([1 if isinstance(size, str) else size for size in one.shape], number)
    elif number.ndim == len(one.shape) - 1 and "batch" in one.shape:
        rows = one.shape == ("batch", 1)
        number = np.expand_dims(number, 1 if rows else one.shape.index("batch"))
    try:
        return np.array(module.as_data(one.name, number))
    except (TypeError, ValueError) as error:
        raise DataError(f"--set {error}") from None


def _sizes(
    data: Sequence[Data], arrays: Mapping[str, Array], numbers: Collection[str]
) -> dict[str, int]:
    """The run-time sizes; raises DataError where two arrays differ in one.

    `numbers` are the names of those that were written by hand.
    """
    found: dict[str, tuple[int, str]] = {}
    for one in data:
        array = arrays[one.name]
        fits = array.ndim == len(one.shape) and math.prod(array.shape)
        for size, length in zip(one.shape, array.shape, strict=False):
            fits = fits and (isinstance(size, str) or size == length)
            if isinstance(size, str):
                known, first = found.setdefault(size, (length, one.name))
                if known != length:
                    told = f"{size} is {known} in {first!r}, but {length} in {one.name!r}"
                    hint = ROWS if {one.name, first} & {*numbers} else ""
                    raise DataError(f"{told}; expected the same in both{hint}")
        if not fits:
            hint = ROWS if one.name in numbers else ""
            told = f"{one.name}: expected {type_text(one)}, got {list(array.shape)}"
            raise DataError(told + hint)
    return {size: length for size, (length, _) in found.items()}

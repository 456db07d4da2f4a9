"""The book of all operations: one file of `ops/` each, read and checked."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import string
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from graphc.dims import shape_of
from graphc.op import INTERVAL, Op, OpError


class Book(Mapping[str, Op]):
    """Every operation, by name, by symbol and by role."""

    def __init__(self, ops: Mapping[str, Op]) -> None:
        self._ops = dict(sorted(ops.items()))
        self.symbols = {op.symbol: op for op in self._ops.values() if op.symbol}
        self.roles = {op.role: op for op in self._ops.values() if op.role}

    def __getitem__(self, name: str) -> Op:
        return self._ops[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ops)

    def __len__(self) -> int:
        return len(self._ops)

    def offered(self, name: str) -> Op | None:
        """The operation of the language that is called so, if there is one."""
        op = self._ops.get(name)
        return None if op is None or op.hidden else op

    @property
    def public(self) -> list[Op]:
        """The operations of the language, in alphabetical order."""
        return [op for op in self._ops.values() if not op.hidden]


@cache
def book() -> Book:
    """The operations of the files in `ops/`; raises OpError for a file that breaks the rules."""
    package = importlib.import_module("graphc.ops")
    found: dict[str, Op] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"graphc.ops.{info.name}")
        path = str(module.__file__)
        caption = (module.__doc__ or "").strip()
        if not caption:
            raise OpError(f"{path}: an operation's file begins with a docstring")
        for value in vars(module).values():
            if isinstance(value, Op):
                if value.name in found:
                    other = found[value.name].path
                    raise OpError(f"{path}: `{value.name}` is defined in {other} too")
                check(value, path)
                found[value.name] = replace(value, formula=value.formula or caption, path=path)
    return Book(found)


def check(op: Op, path: str) -> None:
    """Raises OpError unless the record holds together: fields, placeholders, Python that parses."""

    def insist(holds: object, problem: str) -> None:
        if not holds:
            raise OpError(f"{path}: {op.name}: {problem}")

    insist(op.name.isidentifier(), "the name is no identifier")
    insist(op.samples, "there is no sample to check it on")
    insist(
        sum(map(bool, (op.code, op.view, op.definition, op.constant))) == 1,
        "give one of code, view, definition and constant",
    )
    for attribute in op.attributes.values():
        sound = not attribute.interval or INTERVAL.fullmatch(attribute.interval)
        insist(sound, f"{attribute.interval} is no interval such as `[0, 1)`")
    insist(set(op.overwritten) <= set(op.names), "overwrites what?")
    insist(set(op.flat) <= set(op.names), "flat in what?")
    insist(op.finite.keys() <= set(op.names), "finite in what?")
    insist(set(op.laid) <= set(op.names), "what is laid?")
    for name in filter(None, (op.takes_logits, op.takes_probabilities, op.truth, op.classes)):
        insist(name in op.names, f"{name} is no operand")
    known = {*op.names, *op.attributes, op.result}
    insist(len(known) == len(op.names) + len(op.attributes) + 1, "a name is used twice")
    for sample in op.samples:
        fits = op.variadic or len(sample.shapes) == len(op.names)
        insist(fits, f"{sample.shapes} is not one shape per operand")
    first = op.samples[0]
    given = {name: one.default for name, one in op.attributes.items()} | {**first.attributes}
    needed = op.needs(tuple(shape_of(*shape) for shape in first.shapes), given)
    insist(known.isdisjoint(needed), "a name is used twice")
    try:
        ast.parse(op.helper)
    except SyntaxError as error:
        raise OpError(f"{path}: {op.name}: helper is no Python: {error}") from error
    for kind, rule, names in (
        ("meaning", op.meaning, known),
        ("code", op.code, known | needed.keys()),
    ):
        if isinstance(rule, str) and rule:
            try:
                fields = {
                    name for _, name, _, _ in string.Formatter().parse(rule) if name is not None
                }
                insist(fields <= names, f"{kind}: unknown {', '.join(sorted(fields - names))}")
                ast.parse(rule.format(**dict.fromkeys(fields, "x")))
            except (SyntaxError, ValueError) as error:
                raise OpError(f"{path}: {op.name}: {kind} is no Python: {error}") from error

"""What an operation is: its record, and the book of all of them."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from graphc.dims import Dim, Shape, Solver

Attributes = Mapping[str, Any]
ShapeRule = Callable[[Solver, tuple[Shape, ...], Attributes], Shape]
TextRule = str | Callable[[tuple[Shape, ...], Attributes], str]


class OpError(Exception):
    """An operation's file that breaks the rules of a record; the message names the file."""


@dataclass(frozen=True)
class Attribute:
    """A compile-time argument: its kind (axis, axes, flag, number, shape) and its default."""

    kind: str
    default: Any = ...

    @property
    def required(self) -> bool:
        return self.default is ...


@dataclass(frozen=True)
class Sample:
    """Operand shapes and attributes on which an operation is checked."""

    shapes: tuple[tuple[int, ...], ...]
    attributes: Attributes = field(default_factory=dict)


def given(*shapes: tuple[int, ...], **attributes: Any) -> Sample:
    """A sample: one shape per operand, and attributes by name."""
    return Sample(shapes, attributes)


@dataclass(frozen=True, eq=False)
class Op:
    """An operation. What is text may also be a function of the operands' shapes and attributes.

    An operation either is a statement (`code`), or a view that its readers spell out (`view`),
    or is defined in the language by others (`definition`).
    """

    name: str
    operands: str
    shape: ShapeRule
    samples: Sequence[Sample]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    meaning: TextRule = ""  # plain NumPy: the comment, and the oracle that verifies the code
    code: TextRule = ""  # what the emitted module does, with `out=`
    adjoint: TextRule = ""  # the derivative, in the .nn language
    definition: TextRule = ""  # the operation in terms of others, in the .nn language
    result: str = "y"  # what adjoint, meaning and code call the result
    overwrites: str = ""  # operands whose array the result may take
    identities: tuple[str, ...] = ()  # `a * 1 = a`; capital letters stand for constants
    constant: Callable[[tuple[Shape, ...], Attributes], Dim] | None = None
    view: bool = False  # no array of its own
    elementwise: bool = False  # broadcasts its operands
    symbol: str = ""  # `+`; `-a` before and `a.T` behind its operand
    role: str = ""  # what the stages ask for: accumulate, narrow, spread
    integers: Mapping[str, str] = field(default_factory=dict)  # labels, and whose last axis
    contracts: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # fan-in, fan-out axes
    takes_logits: str = ""  # the operand that must not have been squashed
    squashes: bool = False  # gives probabilities
    domain: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    hidden: bool = False  # for rules only, not part of the language
    formula: str = ""
    path: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The operands' names, in order."""
        return tuple(name.strip() for name in self.operands.split(",") if name.strip())

    @property
    def overwritten(self) -> list[str]:
        """The operands whose array the result may take."""
        return self.overwrites.replace(",", " ").split()

    @property
    def signature(self) -> str:
        """As the language writes a call: `sum(x, axis = none, keepdims = false)`."""
        given = [
            name if one.required else f"{name} = {word(one.default)}"
            for name, one in self.attributes.items()
        ]
        return f"{self.name}({', '.join([*self.names, *given])})"

    @property
    def equation(self) -> str:
        """How it is written: `y = a @ b`, `y = relu(x)`."""
        match self.symbol, self.names:
            case "", names:
                return f"{self.result} = {self.name}({', '.join(names)})"
            case symbol, (left, right):
                return f"{self.result} = {left} {symbol} {right}"
            case "-a", (operand,):
                return f"{self.result} = -{operand}"
            case symbol, names:
                return f"{self.result} = {names[0]}{symbol}"

    @property
    def caption(self) -> str:
        """The first paragraph of its file's docstring, on one line."""
        return " ".join(self.formula.split("\n\n")[0].split())

    @property
    def described(self) -> str:
        """All about it, for people: signature, what it is, in NumPy or by others, derivative."""
        shapes = tuple(tuple(map(Dim.of, shape)) for shape in self.samples[0].shapes)
        given = {name: one.default for name, one in self.attributes.items()}
        given |= self.samples[0].attributes
        lines = [self.signature, "", self.formula, ""]
        lines += [f"written     {self.equation}"] if self.symbol else []
        for title, rule in (
            ("in NumPy", self.meaning),
            ("definition", self.definition),
            ("derivative", self.adjoint),
        ):
            if words := " ".join(text(rule, shapes, given).split()):
                if title == "in NumPy":
                    words = f"{self.result} = {words}".replace("{", "").replace("}", "")
                lines.append(f"{title:<11} {words}")
        if not self.adjoint:
            lines.append("derivative  that of its definition")
        return "\n".join(lines)


def text(rule: TextRule, shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    """The text of a rule for these operands."""
    return rule if isinstance(rule, str) else rule(shapes, attributes)


def word(value: Any) -> str:
    """A compile-time value as the language writes it."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(word, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)


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
    insist(set(op.overwritten) <= set(op.names), "overwrites what?")
    known = {*op.names, *op.attributes, op.result}
    insist(len(known) == len(op.names) + len(op.attributes) + 1, "a name is used twice")
    for sample in op.samples:
        insist(len(sample.shapes) == len(op.names), f"{sample.shapes} is not one shape per operand")
    for kind, rule in (("meaning", op.meaning), ("code", op.code)):
        if isinstance(rule, str) and rule:
            try:
                fields = {
                    name for _, name, _, _ in string.Formatter().parse(rule) if name is not None
                }
                insist(fields <= known, f"{kind}: unknown {', '.join(sorted(fields - known))}")
                ast.parse(rule.format(**dict.fromkeys(fields, "x")))
            except (SyntaxError, ValueError) as error:
                raise OpError(f"{path}: {op.name}: {kind} is no Python: {error}") from error

"""What an operation is: its record."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

from graphc.dims import Dim, Shape, Solver

Attributes = Mapping[str, Any]
ShapeRule = Callable[[Solver, tuple[Shape, ...], Attributes], Shape]
Fans = tuple[tuple[int, ...], tuple[int, ...]]
INTERVAL = re.compile(r"([\[(])(-?[\d.]+), (-?[\d.]+|inf)([\])])")
TextRule = str | Callable[[tuple[Shape, ...], Attributes], str]
LimitRule = Callable[[tuple[Shape, ...], Attributes], Dim | None]
WorkRule = Callable[[tuple[Shape, ...], Attributes], "Mapping[str, Work]"]
FAR = (-1e30, 1e30)  # where operands have finite results and slopes, if nothing else is said
AXES = {"axis", "axes", "one", "some", "new"}  # the kinds of attribute that name axes


class OpError(Exception):
    """An operation's file that breaks the rules of a record; the message names the file."""


@dataclass(frozen=True)
class Attribute:
    """A compile-time argument: its kind and its default.

    Kinds of axes: `axis` (one, several, or none for all), `axes` (every one, in an order), `one`,
    `some` (one or several), `new` (places of axes that the result has and the operand has not).
    Other kinds: flag, number, pair (one number is two), shape, size, and place (a size counted from
    the end if negative).
    """

    kind: str
    default: Any = ...
    interval: str = ""  # the numbers it may be: `[0, 1)` is at least 0 and below 1

    @property
    def required(self) -> bool:
        return self.default is ...

    def demand(self, number: float) -> str:
        """What a number outside of the interval must be: `at least 0 and below 1`; else nothing."""
        if (bounds := INTERVAL.fullmatch(self.interval)) is None:
            return ""
        opening, low, high, closing = bounds.groups()
        above = number >= float(low) if opening == "[" else number > float(low)
        below = number <= float(high) if closing == "]" else number < float(high)
        words = [f"{'at least' if opening == '[' else 'more than'} {low}"]
        words += [f"{'at most' if closing == ']' else 'below'} {high}"] if high != "inf" else []
        return "" if above and below else " and ".join(words)


@dataclass(frozen=True)
class Sized:
    """A number that is known with the run-time sizes: the value of a node, by its key."""

    key: int


@dataclass(frozen=True)
class Work:
    """An array that code uses beside its operands: scratch, or `fill`ed once with a number."""

    shape: Shape
    dtype: str = "float"  # the model's; or "bool"
    fill: float | Sized | None = None
    laid: bool = False  # the fill is an operand of a ufunc, which a number could be too


def no_work(shapes: tuple[Shape, ...], attributes: Attributes) -> Mapping[str, Work]:
    """Code that uses its operands and its result alone."""
    return {}


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
    or is defined in the language by others (`definition`). Operands written `*part` are any number
    of them: `at(2)` is the operation on `part1` and `part2`.
    """

    name: str
    operands: str
    shape: ShapeRule
    samples: Sequence[Sample]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    meaning: TextRule = ""  # plain NumPy: the comment, and the oracle that verifies the code
    code: TextRule = ""  # what the emitted module does, with `out=`
    adjoint: TextRule = ""  # the derivative, in the .nn language
    taught: TextRule = ""  # the derivative as a textbook has it, where precision asks for another
    definition: TextRule = ""  # the operation in terms of others, in the .nn language
    result: str = "y"  # what adjoint, meaning and code call the result
    needs: WorkRule = no_work  # arrays that the code uses beside these, by placeholder
    overwrites: str = ""  # operands whose array the result may take
    laid: tuple[str, ...] = ()  # operands that, if numbers, NumPy takes quicker as whole arrays
    identities: tuple[str, ...] = ()  # `a * 1 = a`; capital letters stand for constants
    stable: tuple[str, ...] = ()  # forms of it that lose precision, and what is computed instead
    flat: tuple[str, ...] = ()  # operands that no gradient goes to
    constant: Callable[[tuple[Shape, ...], Attributes], Dim] | None = None
    view: bool = False  # no array of its own
    elementwise: bool = False  # broadcasts its operands
    symbol: str = ""  # `+`; `-a` before and `a.T` behind its operand
    role: str = ""  # what stages ask for: accumulate, spread, narrow, join, permute, ...
    integers: Mapping[str, LimitRule] = field(default_factory=dict)  # whole numbers, below what
    moves: bool = False  # only moves elements, as a view does: whole numbers stay whole
    contracts: Mapping[str, Fans] = field(default_factory=dict)  # axes of fan-in and of fan-out
    takes_logits: str = ""  # the operand that must not have been squashed
    takes_probabilities: str = ""  # the operand that must lie between 0 and 1
    truth: str = ""  # what a loss holds the prediction, its other operand, against
    classes: str = ""  # the operand whose elements along `axis`, else the last, share out 1
    squashes: bool = False  # gives probabilities
    domain: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    finite: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # in float32; see FAR
    hidden: bool = False  # for rules only, not part of the language
    drawn: bool = False  # random numbers: no two are one value, and they come before `forward`
    evaluation: TextRule = ""  # what it is in evaluation, in the .nn language, if not the same
    tracks: TextRule = ""  # `mean' = ...`: frozen operands after a training step
    helper: str = ""  # Python functions that code and meaning call, printed where they do
    formula: str = ""
    path: str = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The operands' names, in order."""
        return tuple(name.strip() for name in self.operands.split(",") if name.strip())

    @property
    def variadic(self) -> bool:
        """Whether it takes any number of operands."""
        return self.operands.startswith("*")

    def at(self, count: int) -> Op:
        """The operation on so many operands; itself, unless it takes any number."""
        return _of_arity(self, count) if self.variadic else self

    @property
    def moving(self) -> bool:
        """Whether it only moves elements: what holds whole numbers still does afterwards."""
        return self.view or self.moves

    @cached_property
    def overwritten(self) -> list[str]:
        """The operands whose array the result may take."""
        return self.overwrites.replace(",", " ").split()

    @property
    def spreads(self) -> bool:
        """Whether its code leaves it to NumPy to spread a smaller operand over the result."""
        return self.elementwise and bool(self.code) and not self.helper

    @cached_property
    def signature(self) -> str:
        """As the language writes a call: `sum(x, axis = none, keepdims = false)`."""
        given = [
            name if one.required else f"{name} = {word(one.default)}"
            for name, one in self.attributes.items()
        ]
        return f"{self.name}({', '.join([*self.names, *given])})"

    def call(self, sample: Sample) -> str:
        """How the language calls it on a sample: `sum(x, axis = 1)`."""
        given = [f"{name} = {word(value)}" for name, value in sample.attributes.items()]
        return f"{self.name}({', '.join([*self.at(len(sample.shapes)).names, *given])})"

    @property
    def example(self) -> str:
        """A line of a model that uses it, with attributes where it has any."""
        sample = next((one for one in self.samples if one.attributes), self.samples[0])
        return f"{self.result} = {self.call(sample)}"

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


@cache
def _of_arity(op: Op, count: int) -> Op:
    stem = op.operands.removeprefix("*")
    names = ", ".join(f"{stem}{place + 1}" for place in range(count))
    samples = [one for one in op.samples if len(one.shapes) == count]
    return replace(op, operands=names, samples=samples)


def text(rule: TextRule, shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    """The text of a rule for these operands."""
    return rule if isinstance(rule, str) else rule(shapes, attributes)


def doubled(kind: str, value: Any) -> Any:
    """An attribute's value, where one number is given for a pair: both of it."""
    return (value, value) if kind == "pair" and isinstance(value, int) else value


def word(value: Any) -> str:
    """A compile-time value as the language writes it."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(word, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)

"""Rules made of text: derivatives, definitions and identities, turned into nodes of a graph."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Protocol

from lark.exceptions import UnexpectedInput

from graphc.book import book
from graphc.constants import LARGEST_EXPONENT
from graphc.dataflow import Leaf, Node
from graphc.dims import Dim, Mismatch, Shape, Solver, shape_of
from graphc.draft import Draft
from graphc.language import parse_rule
from graphc.op import Attributes, Op, OpError, Sample, TextRule, text
from graphc.printing import show
from graphc.shaping import broadcast
from graphc.tree import Affix, Call, Expr, Flag, Infix, ListOf, Name, Number, fold


class Builder(Protocol):
    """What makes nodes: a draft, or one that simplifies as it goes."""

    def __getitem__(self, key: int) -> Any: ...

    def number(self, value: float | Dim) -> int: ...

    def add(self, op: Op, operands: Sequence[int], attributes: Attributes) -> int: ...


_parsed = lru_cache(maxsize=4096)(parse_rule)


def rule_of(rule: TextRule, shapes: tuple[Shape, ...], attributes: Attributes) -> dict[str, Expr]:
    """The definitions of an operation's rule for operands of these shapes."""
    words = text(rule, shapes, attributes)
    return _parsed(words) if words.strip() else {}


class Scope:
    """The names a rule can use: values (node keys), attributes, and its own definitions."""

    def __init__(
        self,
        builder: Builder,
        values: Mapping[str, int],
        attributes: Attributes,
        definitions: Mapping[str, Expr],
        dtype: str,
    ) -> None:
        self.builder = builder
        self.values = dict(values)
        self.attributes = attributes
        self.definitions = definitions
        self.dtype = dtype

    def value(self, name: str) -> int:
        """The node of a name; a definition is made when first asked for."""
        if name not in self.values:
            if name in self.definitions:
                self.values[name] = self.build(self.definitions[name])
            elif name in self.attributes:
                self.values[name] = self.builder.number(self.attributes[name])
            elif name == "pi":
                self.values[name] = self.builder.number(math.pi)
            elif name == "largest_exponent":
                self.values[name] = self.builder.number(LARGEST_EXPONENT[self.dtype])
            else:
                raise KeyError(f"a rule uses `{name}`, which it does not define")
        return self.values[name]

    def build(self, expr: Expr) -> int:
        """The node of an expression."""
        return fold(expr, self._node, _operands)

    def _node(self, expr: Expr, operands: Sequence[int]) -> int:
        if isinstance(expr, Call):
            op = book()[expr.function.id]
            given = [one.value for one in expr.arguments if one.name is None][len(operands) :]
            named = dict(zip(op.attributes, map(self.constant, given), strict=False))
            named |= {a.name.id: self.constant(a.value) for a in expr.arguments if a.name}
            return self._made(op.at(len(operands)), operands, named)
        if isinstance(expr, Number):
            return self.builder.number(expr.value)
        if isinstance(expr, Name):
            return self.value(expr.id)
        return self._made(operation(expr)[0], operands, {})

    def _made(self, op: Op, operands: Sequence[int], attributes: Mapping[str, Any]) -> int:
        """The node of an operation; a vector, which has one axis, is its own transpose."""
        if op.role == "permute" and len(self.builder[operands[0]].shape) < 2:
            return operands[0]
        return self.builder.add(op, operands, attributes)

    def constant(self, expr: Expr) -> Any:
        """The compile-time value of an attribute's expression."""
        match expr:
            case Number() | Flag():
                return expr.value
            case ListOf():
                return tuple(self.constant(item) for item in expr.items)
            case Name(id="none"):
                return None
            case Name() if expr.id in self.attributes:
                return self.attributes[expr.id]
            case Call(function=Name(id="shape")):
                return self.builder[self.build(expr.arguments[0].value)].shape
            case Call() if (size := self.builder[self.build(expr)].number) is not None:
                return size
            case Name():
                return Dim.of(expr.id)
            case Infix():
                left, right = (Dim.of(self.constant(one)) for one in (expr.left, expr.right))
                if expr.symbol == "*":
                    return left * right
                return left - right if expr.symbol == "-" else left + right
        raise KeyError(f"`{show(expr)}` is no compile-time value")


def _operands(expr: Expr) -> Sequence[Expr]:
    """What an expression is made of, without what is known when a model is compiled."""
    if isinstance(expr, Call):
        op = book()[expr.function.id]
        given = [one.value for one in expr.arguments if one.name is None]
        return given if op.variadic else given[: len(op.names)]
    return () if isinstance(expr, Number | Name) else operation(expr)[1]


def operation(expr: Expr) -> tuple[Op, tuple[Expr, ...]]:
    """The operation that a symbol stands for, and what it is applied to."""
    symbols = book().symbols
    match expr:
        case Infix():
            return symbols[expr.symbol], (expr.left, expr.right)
        case Affix(symbol="-"):
            return symbols["-a"], (expr.operand,)
        case Affix():
            return symbols[expr.symbol], (expr.operand,)
    raise TypeError(f"{type(expr).__name__} is no operation")


def define(
    op: Op, operands: Sequence[int], attributes: Attributes, builder: Builder, dtype: str
) -> int:
    """The node that an operation's definition gives for these operands."""
    return _defined(proven(op), operands, attributes, builder, dtype)


def _defined(
    op: Op, operands: Sequence[int], attributes: Attributes, builder: Builder, dtype: str
) -> int:
    shapes = tuple(builder[operand].shape for operand in operands)
    definitions = rule_of(op.definition, shapes, attributes)
    values = dict(zip(op.names, operands, strict=True))
    return Scope(builder, values, attributes, definitions, dtype).value(op.result)


@cache
def proven(op: Op) -> Op:
    """The operation, once its rules gave the right shapes on its samples; raises OpError if not."""
    for sample in op.samples:
        draft = Draft()
        operands = [
            draft.place(Node(-1, shape_of(*shape), leaf=Leaf("input"))) for shape in sample.shapes
        ]
        try:
            node = draft[draft.add(op, operands, sample.attributes)]
            if op.definition:
                defined = _defined(op, operands, node.attributes, draft, "float64")
                fits = draft[defined].shape == node.shape
                _insist(fits, op, "definition has another shape", sample)
            shapes = tuple(draft[operand].shape for operand in operands)
            definitions = rule_of(op.adjoint, shapes, node.attributes)
            values = dict(zip(op.names, operands, strict=True))
            values |= {op.result: node.key, f"d{op.result}": draft.place(node)}
            scope = Scope(draft, values, node.attributes, definitions, "float64")
            tracked = _modes(op, node, operands, draft, sample)
            for name, shape in zip(op.names, shapes, strict=True):
                derived = f"d{name}" in definitions or name in {*op.integers, *op.flat, *tracked}
                flat = op.hidden or (op.definition and not op.adjoint)
                _insist(derived or flat, op, f"there is no d{name}", sample)
                if f"d{name}" in definitions:
                    have = draft[scope.build(definitions[f"d{name}"])].shape
                    fits = broadcast(Solver(), (have, shape), {}) == have
                    _insist(fits, op, f"d{name} has another shape", sample)
        except (KeyError, Mismatch, UnexpectedInput) as error:
            raise OpError(f"{op.path}: {op.name}: on {sample.shapes}: {error}") from error
    return op


def _modes(op: Op, node: Node, operands: Sequence[int], draft: Draft, sample: Sample) -> set[str]:
    """The operands that are tracked; raises OpError if a rule of the modes has another shape."""
    shapes = tuple(draft[operand].shape for operand in operands)
    values = dict(zip(op.names, operands, strict=True))
    if evaluation := rule_of(op.evaluation, shapes, node.attributes):
        key = Scope(draft, values, node.attributes, evaluation, "float64").value(op.result)
        _insist(draft[key].shape == node.shape, op, "evaluation has another shape", sample)
    rules = rule_of(op.tracks, shapes, node.attributes)
    definitions = rule_of(op.definition, shapes, node.attributes) | rules
    scope = Scope(draft, values, node.attributes, definitions, "float64")
    tracked = {name.rstrip("'") for name in rules if name.endswith("'")}
    for name in tracked:
        fits = draft[scope.value(f"{name}'")].shape == draft[values[name]].shape
        _insist(fits, op, f"{name}' has another shape", sample)
    return tracked


def _insist(holds: object, op: Op, problem: str, sample: Sample) -> None:
    if not holds:
        raise OpError(f"{op.path}: {op.name}: {problem}, on {sample.shapes}")

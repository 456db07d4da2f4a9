"""The rules of an update, its arguments known: calls matched to signatures, attributes numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from graphc import tree
from graphc.arguments import Bound, bind
from graphc.book import book
from graphc.constants import value, wrong
from graphc.errors import Note, Report
from graphc.frames import TIMES, VECTORS
from graphc.printing import show
from graphc.reading import brief, names
from graphc.rules import operation
from graphc.schedule import Known, known
from graphc.scope import Scope, Told
from graphc.tree import Argument, Call, Definition, Expr, Flag, ListOf, Name, Number

RECKONED = "it is reckoned from numbers, and arguments that are numbers, element by element"
Valued = tuple[Expr, Known]
EXACT = 2**53  # whole numbers up to here are what they are as floats


class Binding:
    """What the text of one update means as it is used, checked as forward code is.

    The soundness of its text is known; what is wrong beyond goes to `report`.
    """

    def __init__(
        self,
        update: Definition,
        rules: Mapping[str, Expr],
        arguments: Mapping[str, Expr],
        dtype: str,
        report: Report,
    ) -> None:
        self.update, self.dtype, self.report = update, dtype, report
        self.arguments, self.meant = arguments, {**rules, **arguments}
        states = {one.name.id for one in update.body if isinstance(one, tree.State)}
        self.values = {*VECTORS, *TIMES, *states, *self.meant}
        self.numbers: dict[str, Known] = {}
        for name in arguments:  # each before those that name it, so that no chain of them is deep
            self._number(name)
        self.scope = Scope(tree.File(update.span.source, ()), report)  # an update knows no sizes
        self.bound: dict[int, tuple[Bound, dict[str, Expr]]] = {}

    def rule(self, expr: Expr) -> Expr:
        """A rule with operands in their order and attributes by name, each written out."""
        return tree.fold(expr, self._checked, self._operands)[0]

    def _operands(self, expr: Expr) -> Sequence[Expr]:
        if isinstance(expr, Call):
            self.bound[id(expr)] = bound, _ = self._bind(expr)
            return bound.operands
        return () if isinstance(expr, ListOf) else tree.parts(expr)

    def _checked(self, expr: Expr, inner: Sequence[Valued]) -> Valued:
        """An expression as it is bound, and its value if it is written in numbers alone."""
        node = self._node(expr, [one for one, _ in inner])
        if isinstance(expr, Number):
            return node, expr.value
        numbers = [number for _, number in inner if number is not None]
        op = operation(expr)[0] if isinstance(expr, tree.Infix | tree.Affix) else None
        if isinstance(expr, Call):
            op = self.bound[id(expr)][0].op
        if isinstance(expr, tree.Infix) and expr.symbol == "/" and inner[1][1] == 0:
            self.report.add("E0405", expr.span, f"`{brief(expr)}` divides by 0")
        elif op is not None and not op.attributes and 0 < len(numbers) == len(op.names):
            number = value(op, numbers, {})
            if number is None or not (problem := wrong(number, self.dtype)):
                return node, number
            self.report.add("E0107", expr.span, f"`{brief(expr)}` {problem}")
        return node, None

    def _node(self, expr: Expr, inner: Sequence[Expr]) -> Expr:
        match expr:
            case Call():
                given = [Argument(None, one) for one in inner]
                for name, one in self.bound[id(expr)][1].items():
                    given.append(Argument(Name(one.span, name), one))
                return Call(expr.span, expr.function, tuple(given))
            case tree.Infix():
                return replace(expr, left=inner[0], right=inner[1])
            case tree.Affix():
                return replace(expr, operand=inner[0])
            case Name() if expr.id not in self.values:
                message = f"`{expr.id}` is not known in the update `{self.update.name.id}`"
                self.report.add("E0201", expr.span, message)
            case ListOf() | Flag():
                told_no_value(expr, self.report)
        return expr

    def _bind(self, call: Call) -> tuple[Bound, dict[str, Expr]]:
        """The call's operands, and its attributes as they are written out."""
        op = book().offered(call.function.id)
        if op is None:
            message = f"there is no operation or block `{call.function.id}`"
            self.report.add("E0202", call.function.span, message)
            return Bound(None, (), {}), {}
        signature = op.at(operands(call))
        places = [*signature.names, *signature.attributes]
        given, attributes = [], dict[str, Expr]()
        for place, one in enumerate(call.arguments):
            name = one.name.id if one.name else "".join(places[place : place + 1])
            if name in signature.attributes:
                try:
                    written = self._written(one.value, f"`{name}` of `{op.name}`")
                except Told:
                    return Bound(None, (), {}), {}
                attributes[name] = written
                one = Argument(one.name, written)
            given.append(one)
        return bind(replace(call, arguments=tuple(given)), op, self.scope), attributes

    def _written(self, expr: Expr, what: str) -> Expr:
        """An attribute without names; raises Told if its value shows only in training."""
        match expr:
            case ListOf():
                items = tuple(self._written(one, what) for one in expr.items)
                return ListOf(expr.span, items)
            case Number() | Flag():
                return expr
            case Name(id="none" | "_") if expr.id not in self.values:
                return expr
        number = known(expr, self._number)
        if number is None:
            changing = [one for one in names(expr) if self._number(one) is None]
            message = f"{what} must be known when the model is compiled, and `{brief(expr)}` is not"
            hint = f"`{changing[0]}` changes from step to step" if changing else RECKONED
            if changing and what.endswith("`clip`"):
                hint += ": `minimum` and `maximum` take bounds that do"
            given = [self.arguments[one].span for one in changing if one in self.arguments]
            notes = [Note(span.calls[0] if span.calls else span, "this changes") for span in given]
            self.report.add("E0404", expr.span, message, notes=notes, help=hint)
            raise Told
        if problem := wrong(number, self.dtype):
            self.report.add("E0107", expr.span, f"`{brief(expr)}` {problem}")
            raise Told
        whole = float(number).is_integer() and abs(number) < EXACT
        return Number(expr.span, int(number) if whole else number)

    def _number(self, name: str) -> Known:
        """What a name stands for, if that is a number which never changes."""
        if name not in self.numbers:
            expr = self.meant.get(name)
            self.numbers[name] = None if expr is None else known(expr, self._number)
        return self.numbers[name]


def told_no_value(expr: ListOf | Flag, report: Report) -> None:
    """Reports what a rule cannot reckon with."""
    if isinstance(expr, Flag):
        report.add("E0206", expr.span, f"`{show(expr)}` is no value to compute with")
    else:
        message = f"`{brief(expr)}` is a list, and an update reckons with numbers"
        report.add("E0404", expr.span, message)


def reckoned(rule: Expr) -> Iterator[Expr]:
    """The expressions in a rule that are reckoned with.

    What a block makes of its arguments is seen when it is put in, and what an attribute may be when
    the arguments of the update are known.
    """
    todo = [rule]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, Call):
            values = {*map(id, _operands(node))}
            todo += [
                one
                for one in tree.parts(node)
                if id(one) in values or isinstance(one, tree.Infix | tree.Affix | Call)
            ]
        elif not isinstance(node, ListOf):
            todo += tree.parts(node)


def _operands(call: Call) -> Sequence[Expr]:
    """The arguments of a call that are operands of its operation, if it is one's."""
    if (op := book().offered(call.function.id)) is None:
        return ()
    names = op.at(operands(call)).names
    return [
        one.value
        for place, one in enumerate(call.arguments)
        if (one.name.id in names if one.name else place < len(names))
    ]


def operands(call: Call) -> int:
    """How many operands an operation has that takes any number of them."""
    return max(1, sum(one.name is None for one in call.arguments))

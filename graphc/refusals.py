"""What is told when a use of a block goes wrong."""

from __future__ import annotations

from typing import NoReturn

from graphc import printing, tree
from graphc.definitions import Definitions
from graphc.errors import Note, Report
from graphc.frames import Frame, Given, Layer
from graphc.reading import brief
from graphc.scope import Told
from graphc.source import Span
from graphc.tree import Name

SIGNATURE = "repeat(x, times, layer)"


class Telling:
    """Reports mistakes in uses of blocks."""

    report: Report
    definitions: Definitions

    def signature(self, name: str) -> str:
        """How a block is called, or `repeat`."""
        block = self.definitions.blocks.get(name)
        return printing.signature(block) if block else SIGNATURE

    def told_layer(self, name: Name, layer: Layer, frame: Frame) -> NoReturn:
        """Reports a layer that stands where a value is wanted; raises Told."""
        word = name.id if layer.place else layer.name
        kind = "a layer" if layer.place else "to be called,"
        message = f"`{word}` is {kind} and no value"
        hint = f"call it: `{word}(...)`, or write `... |> {word}`"
        hint += f"; a value has all of `{self.signature(layer.name)}`" if layer.place else ""
        self.report.add("E0206", frame.span(name.span), message, help=hint)
        raise Told

    def told_large(self, span: Span, largest: int) -> NoReturn:
        """Reports that expanding goes too far; raises Told."""
        message = f"with this the blocks add more than {largest:,} names, numbers and operations"
        self.report.add("E0906", span, message, help="that is the most that they may add")
        raise Told

    def told_deep(self, span: Span, deepest: int) -> NoReturn:
        """Reports blocks that call one another too deeply; raises Told."""
        message = f"blocks call one another more than {deepest} deep here"
        self.report.add("E0906", span, message, help="there is no recursion")
        raise Told

    def told_time(self, name: Name, frame: Frame) -> NoReturn:
        """Reports `step` or `epoch` in a block that a model uses; raises Told."""
        message = f"`{name.id}` is known in the arguments of an optimizer only"
        self.report.add("E0201", frame.span(name.span), message)
        raise Told

    def told_circle(self, given: Given) -> NoReturn:
        """Reports an argument of a layer that is computed by the layer itself; raises Told."""
        value = given.argument.value
        message = f"`{brief(value)}` is computed from itself: the layer is an argument of its own"
        self.report.add("E0205", given.frame.span(value.span), message)
        raise Told

    def told_learning(self, name: str, via: Span) -> NoReturn:
        """Reports a block with parameters where an optimizer computes; raises Told."""
        message = f"`{name}` has parameters of its own and cannot be used by an optimizer"
        self.report.add("E0404", via, message)
        raise Told

    def told_different(
        self, first: tree.Param | tree.Const, second: tree.Param | tree.Const
    ) -> None:
        """Reports uses of one layer that need its parameter in different shapes."""
        one, two = (printing.statement(each) for each in (first, second))
        if one != two:
            message = f"the uses of one layer differ in a parameter: `{one}` and `{two}`"
            notes = [Note(first.span, "first used here")]
            self.report.add("E0306", second.span, message, notes=notes)
            raise Told

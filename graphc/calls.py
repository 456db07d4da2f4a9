"""Calls of blocks: what is called, which argument is which, and what is a layer."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from graphc import tree
from graphc.arguments import complete, matched
from graphc.book import book
from graphc.definitions import REPEATED, Definitions
from graphc.dims import Dim
from graphc.errors import Report
from graphc.frames import Frame, Given, Layer
from graphc.library import REPEAT
from graphc.reading import brief, names, own_span, sizes, walk
from graphc.refusals import Telling
from graphc.scope import Told, size_of
from graphc.source import Span
from graphc.tree import Call, Definition, Expr, Name


@dataclass(frozen=True, eq=False)
class Bound:
    """A call, understood: the block, or none if an operation is called, and its arguments.

    An argument is a layer, the place of an expression in `written`, or was given elsewhere.
    """

    call: Call
    target: Layer
    via: Span
    written: tuple[Expr, ...]
    block: Definition | None = None
    arguments: Mapping[str, Layer | int | Given] = field(default_factory=dict)
    times: int = 0  # of `repeat`
    named: bool = False


class Calls(Telling):
    """Resolves the calls of one file; `sizes` are its `dim`s and `values` its other names."""

    def __init__(
        self,
        definitions: Definitions,
        unsound: Container[str],
        sizes: Mapping[str, Expr],
        values: Container[str],
        report: Report,
    ) -> None:
        self.definitions = definitions
        self.unsound = unsound
        self.sizes = sizes
        self.values = values
        self.report = report

    def target(self, call: Call, frame: Frame) -> Layer:
        """What a call calls: a layer of the frame, a block or an operation."""
        found = frame.names.get(call.function.id)
        return found if isinstance(found, Layer) else Layer(self.definitions.named(call.function))

    def block(self, name: str) -> bool:
        """Whether a name is that of a block."""
        return name in self.definitions.blocks or name == REPEAT

    def waits(self, expr: Expr, frame: Frame, called: bool) -> bool:
        """Whether a value is a layer: a block that lacks arguments, or is `called` by its name."""
        if isinstance(expr, Name):
            return called and self.block(expr.id) and expr.id not in frame.names
        if not isinstance(expr, Call) or not self.block((layer := self.target(expr, frame)).name):
            return False
        if called:
            return True
        given = [*expr.arguments, *(one.argument for one in layer.given)]
        named = {one.name.id for one in given if one.name is not None}
        if not named <= {*self.definitions.arguments(layer.name)}:
            return False
        needed = REPEATED if layer.name == REPEAT else self._needed(layer.name)
        free = [one for one in needed if one not in named]
        return sum(one.name is None for one in given) < len(free)

    def _needed(self, name: str) -> list[str]:
        block = self.definitions.blocks[name]
        return [one.id for one, default in block.arguments if default is None]

    def bind(self, call: Call, frame: Frame) -> Bound:
        """A call as it is written in a frame; raises Told if it is wrong, which is reported."""
        return self.bound(call, self.target(call, frame), frame, frame.span(own_span(call)))

    def bound(self, call: Call, layer: Layer, frame: Frame, via: Span) -> Bound:
        """A call of a layer. Its own arguments come first, then those of the layer."""
        if not self.block(layer.name):
            written = tuple(one.value for one in call.arguments)
            return Bound(call, layer, via, written)
        if layer.name in self.unsound:
            raise Told
        own = [Given(one, frame) for one in call.arguments]
        every = [*own, *layer.given]
        every.sort(key=lambda one: one.argument.name is not None)
        block = self.definitions.blocks.get(layer.name)
        function = Name(call.function.span, layer.name)
        whole = Call(via, function, tuple(one.argument for one in every))
        known = self.definitions.arguments(layer.name)
        signature = self.signature(layer.name)
        given, sound = matched(whole, known, signature, self.report)
        needed = self._needed(layer.name) if block else list(REPEATED)
        if not sound or not complete(whole, given, needed, signature, self.report):
            raise Told
        if block is not None and frame.via is None:
            self._unswapped(block, given, signature)
        origin = {id(one.argument.value): one for one in every}
        arguments: dict[str, Layer | int | Given] = {}
        written_: list[Expr] = []
        times = 0
        for name in (one for one in known if one in given):
            one = origin[id(given[name])]
            if self.definitions.calls(layer.name, name):
                arguments[name] = self.layer(one.argument.value, one.frame, name, layer.name)
            elif block is None and name == REPEATED[1]:
                times = self._times(one)
            elif one in own:
                arguments[name] = len(written_)
                written_.append(one.argument.value)
            else:
                arguments[name] = one
        named = not self.definitions.bare(layer.name) and not frame.inline
        return Bound(call, layer, via, tuple(written_), block, arguments, times, named)

    def _unswapped(self, block: Definition, given: Mapping[str, Expr], signature: str) -> None:
        """Raises Told if a value stands for a size and a size for a value, which is reported."""
        sizing = {name for one in block.body for expr in sizes(one) for name in names(expr)}
        values = [
            (name, expr)
            for name, expr in given.items()
            if name in sizing and isinstance(expr, Name) and expr.id in self.values
        ]
        if values and any(
            isinstance(expr, tree.Number) or (isinstance(expr, Name) and expr.id in self.sizes)
            for name, expr in given.items()
            if name not in sizing
        ):
            name, expr = values[0]
            message = f"`{name}` of `{block.name.id}` is a size, and `{brief(expr)}` is a value"
            hint = f"are two arguments swapped? its signature is `{signature}`"
            self.report.add("E0206", expr.span, message, help=hint)
            raise Told

    def layer(self, expr: Expr, frame: Frame, argument: str, of: str) -> Layer:
        """What an argument stands for that is called; raises Told if it cannot be."""
        word = expr.function if isinstance(expr, Call) else expr
        if isinstance(word, Name):
            found = frame.names.get(word.id)
            layer = found if isinstance(found, Layer) else Layer(self.definitions.named(word))
            if self.block(layer.name) or book().offered(layer.name):
                if not isinstance(expr, Call):
                    return layer
                given = tuple(Given(one, frame) for one in expr.arguments)
                return Layer(layer.name, (*given, *layer.given), layer.place)
            if layer.name in self.unsound:
                raise Told
        message = f"`{argument}` of `{of}` must be an operation or a block, not `{brief(expr)}`"
        near = self.report.nearest(word.id, self.callable()) if isinstance(word, Name) else ""
        self.report.add("E0404", frame.span(expr.span), message, help=near)
        raise Told

    def callable(self) -> list[str]:
        """The names of everything that can be called."""
        return [*(op.name for op in book().public), *self.definitions.blocks, REPEAT]

    def least(self, layer: Layer) -> int:
        """How much a use of a layer adds at least."""
        if layer.name == REPEAT and len(layer.given) == 2:
            times, inner = layer.given
            target = self.layer(inner.argument.value, inner.frame, REPEATED[-1], REPEAT)
            return self._times(times) * self.least(target)
        return max(1, self.definitions.least(layer.name))

    def _times(self, given: Given) -> int:
        """A number of turns; raises Told if it is none, which is reported."""
        expr = given.argument.value
        size = self._size(given.frame.plain(expr, lambda name: self._meant(name, given.frame)))
        if size is None or size < 1:
            message = f"`times` of `repeat` must be a whole number from 1 on, not `{brief(expr)}`"
            self.report.add("E0404", given.frame.span(expr.span), message)
            raise Told
        return size

    def _meant(self, name: Name, frame: Frame) -> Expr:
        expr = frame.later.get(name.id) or frame.names.get(name.id, name)
        if name.id in frame.later:
            return frame.plain(expr, lambda inner: self._meant(inner, frame))  # type: ignore[arg-type]
        return name if isinstance(expr, Layer) else expr

    def _size(self, expr: Expr) -> int | None:
        """The whole number that a size is; None if it is none, or only the data tell."""
        known: dict[str, int | None] = {}

        def step(node: Expr, inner: Sequence[object]) -> object:
            if isinstance(node, Name):
                if node.id not in known:
                    known[node.id] = None  # also while it is looked for: sizes can go in circles
                    if node.id in self.sizes:
                        known[node.id] = self._size(self.sizes[node.id])
                value = known[node.id]
                return None if value is None else Dim.of(value)
            return None if None in inner else size_of(node, inner)  # type: ignore[arg-type]

        found = tree.fold(expr, step)
        return found.known if isinstance(found, Dim) else None

    def simple(self, expr: Expr) -> bool:
        """Whether an argument can be put in as often as it is read: a name, number or size."""
        if isinstance(expr, tree.Infix | tree.Affix):
            return all(self._sized(node) for node in walk(expr))
        return not isinstance(expr, Call)

    def _sized(self, node: Expr) -> bool:
        if isinstance(node, Name):
            return node.id not in self.values and "." not in node.id
        return isinstance(node, tree.Infix | tree.Affix | tree.Number)

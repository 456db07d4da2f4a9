"""Uses of blocks written out: each becomes statements under names of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graphc import tree
from graphc.calls import Bound
from graphc.definitions import names_of, written
from graphc.flat import LARGEST, Output
from graphc.frames import TIMES, Called, Frame, Given, Layer
from graphc.reading import walk
from graphc.schedule import check_schedule
from graphc.tree import Argument, Assign, Call, Definition, Expr, Name

DEEPEST = 64  # blocks inside one another


class Expansion(Output):
    """Writes out the expressions of one file; the statements of the blocks go to `out`."""

    def expression(self, expr: Expr, frame: Frame, whole: Called | None = None) -> Expr:
        """An expression without calls of blocks; `whole` is for the use that it is, if it is one.

        Where that says no more than a name, its parameters stand under the block's name and number.
        """
        bound: dict[int, Bound] = {}

        def parts(node: Expr) -> Sequence[Expr]:
            if not isinstance(node, Call):
                return tree.parts(node)
            if id(node) not in bound:
                bound[id(node)] = self.calls.bind(node, frame)
            return bound[id(node)].written

        tree.fold(expr, lambda node, inner: None, parts)
        uses = [use for use in bound.values() if use.named]
        called = {}
        for use in sorted(uses, key=lambda one: one.call.function.span.start):
            own = whole if use.call is expr else None
            if own is None or not own.path:
                number = frame.numbered(use.call.function.id)
                path, place = frame.path + number, frame.place + number
                own = Called(own.name if own else path, path, place)
            called[id(use)] = own

        def step(node: Expr, inner: Sequence[Expr]) -> Expr:
            self._weigh(node, int(frame.via is not None))
            if isinstance(node, Name):
                return self._value(node, frame)
            if not isinstance(node, Call):
                return frame.copied(node, inner)
            use = bound[id(node)]
            return self._use(use, inner, called.get(id(use), Called()), frame, node is expr)

        return tree.fold(expr, step, parts)

    def _value(self, name: Name, frame: Frame) -> Expr:
        """What a name means where a value is wanted; raises Told for a layer, which is reported."""
        if name.id in frame.later:
            frame.names[name.id] = self.expression(frame.later.pop(name.id), frame)
        found = frame.names.get(name.id, name)
        if found is name and name.id in TIMES and not frame.inline and frame.via is not None:
            self.calls.told_time(name, frame)
        if isinstance(found, Layer):
            self.calls.told_layer(name, found, frame)
        if isinstance(found, Name):
            own = frame.via is None or name.id in frame.given
            return found if own else Name(frame.span(name.span), found.id)
        self._weigh(found, sum(1 for _ in walk(found)))
        return found

    def _use(
        self, use: Bound, inner: Sequence[Expr], called: Called, frame: Frame, last: bool
    ) -> Expr:
        """The value of a call; where it is the `last` thing computed, that has no statement yet."""
        given: dict[str, Expr | Layer] = {}
        for one, what in use.arguments.items():
            known = inner[what] if isinstance(what, int) else what
            value = self._given(known) if isinstance(known, Given) else known
            if isinstance(value, Call) and value.piped:
                value = replace(value, piped=False)  # it will stand inside another expression
            given[one] = value
        if use.block is not None:
            return self._block(use, use.block, given, called, frame, last)
        if use.times:
            return self._repeated(use, given, called, frame, last)
        node, further = use.call, use.target.given
        if use.target.name == node.function.id and not further:
            return frame.copied(node, inner)
        own = [Argument(a.name, v) for a, v in zip(node.arguments, inner, strict=True)]
        own += [Argument(one.argument.name, self._given(one)) for one in further]
        function = Name(frame.span(node.function.span), use.target.name)
        return Call(frame.span(node.span), function, tuple(own), node.piped)

    def _given(self, given: Given) -> Expr:
        """The value of an argument that was written elsewhere, made once."""
        values, key = given.frame.values, id(given.argument)
        if key in self.computing:
            self.calls.told_circle(given)
        if key not in values:
            self.computing.add(key)
            values[key] = self.expression(given.argument.value, given.frame)
            self.computing.discard(key)
        return values[key]

    def _repeated(
        self, use: Bound, given: dict[str, Expr | Layer], called: Called, frame: Frame, last: bool
    ) -> Expr:
        value, layer = given["x"], given["layer"]
        assert isinstance(layer, Layer)
        assert not isinstance(value, Layer)
        if self.weight + use.times * self.calls.least(layer) > LARGEST:
            self.calls.told_large(use.via, LARGEST)
        self.weight += use.times
        arguments = use.call.arguments
        written = arguments[-1].value.span if arguments else use.call.span
        word = Name(written, layer.name)
        for turn in range(1, use.times + 1):
            final = turn == use.times
            call = Call(written, word, (Argument(None, value),))
            via = replace(frame.span(written), turn=turn)
            one = self.calls.bound(call, layer, frame, via)
            path = f"{called.path}.{turn}"
            place = f"{use.target.place or called.place}.{turn}"
            own = Called(called.name if final else path, path, place)
            value = self._use(one, [value], own, frame, final and last)
        return value

    # -- blocks ----------------------------------------------------------------------------------

    def layer(self, one: Assign, frame: Frame, place: str, called: bool) -> bool:
        """Whether a definition gives a name to a layer; if so, the frame knows it."""
        value = one.value
        if not self.calls.waits(value, frame, called):
            return False
        call = value if isinstance(value, Call) else Call(value.span, value, ())  # type: ignore[arg-type]
        target = self.calls.target(call, frame)
        given = tuple(Given(argument, frame) for argument in call.arguments)
        frame.names[one.name.id] = Layer(target.name, (*given, *target.given), place)
        return True

    def _block(
        self,
        use: Bound,
        block: Definition,
        given: dict[str, Expr | Layer],
        called: Called,
        outer: Frame,
        last: bool,
    ) -> Expr:
        least = self.definitions.least(use.target.name)
        if self.weight + least > LARGEST:
            self.calls.told_large(use.via, LARGEST)
        if outer.depth >= DEEPEST:
            self.calls.told_deep(use.via, DEEPEST)
        if outer.inline and self.definitions.learns(use.target.name):
            self.calls.told_learning(use.target.name, use.via)
        if outer.inline:
            check_schedule(block, given, self.calls.report)
        name, place = called.name, use.target.place or called.place
        frame = Frame(f"{place}.", f"{called.path}.", given, via=use.via, inline=outer.inline)
        frame.depth, frame.given = outer.depth + 1, {*given}
        self._arguments(use.target.name, block, frame, use.named)
        result = self._names(block, frame, name)
        for one in block.body:
            if isinstance(one, tree.Param | tree.Const):
                self._parameter(one, frame, lambda name: self._value(name, frame))
        for one in block.body:
            if isinstance(one, Assign) and isinstance(mine := frame.names.get(one.name.id), Name):
                self._local(one, mine.id, frame)
        value = self.expression(result, frame, Called(name))
        done = isinstance(value, Name) and value.id == name
        if last or done or not use.named:
            return value
        self._emit(Assign(frame.span(result.span), Name(frame.span(result.span), name), value))
        return Name(frame.span(result.span), name)

    def _local(self, one: Assign, name: str, frame: Frame) -> None:
        """A value of the block's own."""
        own = Called(name, frame.path + one.name.id, frame.place + one.name.id)
        value = self.expression(one.value, frame, own)
        if not (isinstance(value, Name) and value.id == name):
            self._emit(Assign(frame.span(one.span), Name(frame.span(one.name.span), name), value))

    def _arguments(self, key: str, block: Definition, frame: Frame, named: bool) -> None:
        """Defaults put in; what would be computed again at each reading is given a name."""
        for argument, default in block.arguments:
            own = argument.id
            if own not in frame.names and default is not None:
                called = self.definitions.calls(key, own)
                frame.names[own] = (
                    self.calls.layer(default, frame, own, key)
                    if called
                    else self.expression(default, frame)
                )
            value = frame.names[own]
            often = self.definitions.reads(key, own) > 1
            if named and often and not isinstance(value, Layer) and not self.calls.simple(value):
                frame.names[own] = Name(value.span, f"{frame.path}{own}")
                self._emit(Assign(value.span, Name(value.span, f"{frame.path}{own}"), value))

    def _names(self, block: Definition, frame: Frame, name: str) -> Expr:
        """Takes in what the statements of a block define; returns the expression of its result."""
        result: Expr = block.name
        called = self.definitions.called(written(block))
        for one in block.body:
            match one:
                case tree.Return():
                    result = one.value
                case tree.Dimension():
                    frame.later[one.name.id] = one.value
                case tree.Param() | tree.Const():
                    frame.names[one.name.id] = Name(one.name.span, frame.place + one.name.id)
                case Assign() if self.layer(
                    one, frame, frame.place + one.name.id, one.name.id in called
                ):
                    pass
                case Assign() if frame.inline:
                    frame.later[one.name.id] = one.value
                case Assign():
                    frame.names[one.name.id] = Name(one.name.span, frame.path + one.name.id)
        frame.taken = {*names_of(block), *frame.names, *frame.later}
        computed = {one.name.id for one in block.body if isinstance(one, Assign)}
        if name and isinstance(result, Name) and result.id in computed & frame.names.keys():
            mine = frame.names[result.id]  # it has a name already: that of the use
            if isinstance(mine, Name):
                frame.names[result.id] = Name(mine.span, name)
        return result

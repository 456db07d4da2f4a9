"""The flat statements of a file, as they are written: parameters once, and not too many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from graphc import tree
from graphc.calls import Calls
from graphc.definitions import Definitions
from graphc.frames import Frame
from graphc.tree import Expr, Name, Statement

LARGEST = 300_000  # names, numbers and operations that blocks may add


class Output:
    """What has been written so far, and of which statement of the file it is a part."""

    def __init__(self, definitions: Definitions, calls: Calls) -> None:
        self.definitions = definitions
        self.calls = calls
        self.out: list[Statement] = []
        self.of: Statement | None = None  # the statement of the file that is being written out
        self.params: dict[str, tree.Param | tree.Const] = {}
        self.computing: set[int] = set()  # arguments of layers, while they are written out
        self.weight = 0

    def _weigh(self, node: Expr, more: int) -> None:
        self.weight += more
        if self.weight > LARGEST:
            self.calls.told_large(node.span, LARGEST)

    def _parameter(
        self, one: tree.Param | tree.Const, frame: Frame, value: Callable[[Name], Expr]
    ) -> None:
        """A parameter or constant of a block; once, if several uses share it."""

        def put(expr: Expr) -> Expr:
            return frame.plain(expr, value)

        made = replace(
            one,
            span=frame.span(one.span),
            name=Name(frame.span(one.name.span), frame.place + one.name.id),
        )
        if one.type is not None:
            dims = tuple(map(put, one.type.dims))
            made = replace(made, type=replace(one.type, span=frame.span(one.type.span), dims=dims))
        if isinstance(made, tree.Const):
            made = replace(made, value=put(made.value))
        else:
            made = replace(made, init=put(made.init))
        first = self.params.setdefault(made.name.id, made)
        if first is made:
            self._emit(made)
        else:
            self.calls.told_different(first, made)

    def _emit(self, statement: Statement) -> None:
        self.out.append(replace(statement, of=self.of))

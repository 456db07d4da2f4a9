"""What names mean while a block is expanded: values, and layers, which wait to be called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from graphc import tree
from graphc.source import Span
from graphc.tree import Argument, Call, Expr, Name

TIMES = ("step", "epoch")  # what the arguments of an optimizer know beside their own
VECTORS = ("parameter", "gradient", "matrices")  # what an update knows beside those


@dataclass(frozen=True, eq=False)
class Layer:
    """An operation or block with the last of its arguments: what it is called with comes first.

    `place` is where its parameters are, if it has a name of its own: all its calls share them.
    """

    name: str
    given: tuple[Given, ...] = ()
    place: str = ""


@dataclass(frozen=True, eq=False)
class Given:
    """An argument as it was written, with what its names mean."""

    argument: Argument
    frame: Frame


@dataclass(frozen=True)
class Called:
    """What the value of a use is called, and what its inner values and parameters stand under."""

    name: str = ""
    path: str = ""
    place: str = ""


@dataclass(eq=False)
class Frame:
    """One use of a block: what its names mean there, and what the things in it are called.

    `place` stands before the names of its parameters, `path` before those of its values. A name
    that is in neither `names` nor `later` means itself.
    """

    place: str = ""
    path: str = ""
    names: dict[str, Expr | Layer] = field(default_factory=dict)
    later: dict[str, Expr] = field(default_factory=dict)  # names that are put in when read
    via: Span | None = None
    inline: bool = False  # values have no statements of their own: an optimizer's arguments
    depth: int = 0
    given: set[str] = field(default_factory=set)  # arguments that the call gives
    taken: set[str] = field(default_factory=set)  # what is called by its own name here
    counts: dict[str, int] = field(default_factory=dict)  # uses without a name, by block
    values: dict[int, Expr] = field(default_factory=dict)  # of arguments that were put in before

    def numbered(self, name: str) -> str:
        """The next of `dense1`, `dense2` ... that is free here."""
        while True:
            self.counts[name] = self.counts.get(name, 0) + 1
            found = f"{name}{self.counts[name]}"
            if found not in self.taken:
                return found

    def span(self, span: Span) -> Span:
        """A place in the block's text, as part of this use of it."""
        via = self.via
        return span if via is None else Span(span.source, span.start, span.end, via)

    def copied(self, expr: Expr, inner: Sequence[Expr]) -> Expr:
        """An expression on other parts, as part of this use."""
        if self.via is None and all(a is b for a, b in zip(tree.parts(expr), inner, strict=True)):
            return expr
        span = self.span(expr.span)
        match expr:
            case tree.Infix():
                left, right = inner
                return tree.Infix(span, expr.symbol, left, right)
            case tree.Affix():
                return tree.Affix(span, expr.symbol, inner[0])
            case tree.ListOf():
                return tree.ListOf(span, tuple(inner))
            case Call():
                given = [
                    Argument(argument.name, value)
                    for argument, value in zip(expr.arguments, inner, strict=True)
                ]
                function = Name(self.span(expr.function.span), expr.function.id)
                return Call(span, function, tuple(given), expr.piped)
        return replace(expr, span=span)

    def plain(self, expr: Expr, meaning: Callable[[Name], Expr]) -> Expr:
        """An expression in which names are put in and nothing is called: a size, a start."""

        def step(node: Expr, inner: Sequence[Expr]) -> Expr:
            return meaning(node) if isinstance(node, Name) else self.copied(node, inner)

        return tree.fold(expr, step)

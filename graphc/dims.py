"""Dimensions and shapes: polynomials over run-time names, and the solver that unifies them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from graphc.extent import Monomial, Terms, product
from graphc.source import Span


@dataclass(frozen=True)
class Dim:
    """A size: an integer, a run-time name, an unknown (`?1`), or sums and products of them.

    `label` is the `dim` name under which the user wrote it and `origin` where; neither counts
    when sizes are compared.
    """

    terms: Terms
    label: str | None = field(default=None, compare=False)
    origin: Span | None = field(default=None, compare=False)

    @staticmethod
    def of(value: int | str | Dim) -> Dim:
        """The size of an integer or of a run-time name."""
        if isinstance(value, Dim):
            return value
        if isinstance(value, str):
            return Dim((((value,), 1),))
        return Dim((((), value),) if value else ())

    @cached_property
    def known(self) -> int | None:
        """The integer, if this is one."""
        if not self.terms:
            return 0
        (names, factor), *rest = self.terms
        return None if rest or names else factor

    @cached_property
    def unknown(self) -> str | None:
        """The unknown, if this is one and nothing more."""
        if len(self.terms) == 1 and self.terms[0][1] == 1 and len(self.terms[0][0]) == 1:
            name = self.terms[0][0][0]
            return name if name.startswith("?") else None
        return None

    @property
    def least(self) -> int | None:
        """The smallest that it can be, run-time sizes being at least 1; None if there is none."""
        if any(names and factor < 0 for names, factor in self.terms):
            return None
        return sum(factor for _, factor in self.terms)

    @property
    def open(self) -> bool:
        """Whether there is an unknown in it."""
        return any(name.startswith("?") for name in self.names)

    @cached_property
    def names(self) -> frozenset[str]:
        """Run-time names and unknowns in it."""
        return frozenset(name for monomial, _ in self.terms for name in monomial)

    def __add__(self, other: Dim) -> Dim:
        return _collect([*self.terms, *other.terms])

    def __sub__(self, other: Dim) -> Dim:
        return self + other * Dim.of(-1)

    def __mul__(self, other: Dim) -> Dim:
        terms = product(self.terms, other.terms)
        return Dim(tuple(terms)) if len(terms) == 1 else _collect(terms)

    def __floordiv__(self, other: Dim) -> Dim | None:
        """The quotient by a single product, or None where it does not divide."""
        if len(other.terms) != 1:
            return None
        (below, factor), terms = other.terms[0], []
        for above, value in self.terms:
            rest = list(above)
            for name in below:
                if name not in rest:
                    return None
                rest.remove(name)
            if value % factor:
                return None
            terms.append((tuple(rest), value // factor))
        return _collect(terms)

    def __str__(self) -> str:
        text = self.code
        return f"{self.label} = {text}" if self.label and self.label != text else text

    @property
    def code(self) -> str:
        """The size as an expression over the run-time names."""
        return self.spelt(lambda name: "_" if name.startswith("?") else name)

    def spelt(self, names: Callable[[str], str]) -> str:
        """The size as an expression over other names for the run-time names."""
        text = ""
        for below, factor in sorted(self.terms, key=lambda term: (term[1] < 0, not term[0])):
            number = abs(factor) if text else factor
            words = [*([str(number)] if number != 1 or not below else []), *map(names, below)]
            text += (" - " if factor < 0 else " + ") if text else ""
            text += " * ".join(words)
        return text or "0"


Shape = tuple[Dim, ...]
ONE = Dim.of(1)
FITTING = Dim.of(-1)  # the size of a `reshape` that is left to fit
MOST_AXES = 32  # NumPy's limit


def _collect(terms: Iterable[tuple[Monomial, int]]) -> Dim:
    total: dict[Monomial, int] = {}
    for names, factor in terms:
        total[names] = total.get(names, 0) + factor
    return Dim(tuple(sorted((names, factor) for names, factor in total.items() if factor)))


def shape_of(*sizes: int | str | Dim) -> Shape:
    """A shape from integers and run-time names."""
    return tuple(Dim.of(size) for size in sizes)


def size(shape: Sequence[Dim]) -> Dim:
    """The number of elements."""
    return _product(tuple(shape))


@lru_cache(maxsize=4096)
def _product(sizes: Shape) -> Dim:
    return math.prod(sizes, start=ONE)


def show(shape: Sequence[Dim]) -> str:
    """The shape as the language writes it: `[batch, hidden = 128]`."""
    return f"[{', '.join(map(str, shape))}]"


@dataclass
class Mismatch(Exception):
    """What does not fit; to be pointed at: `dims` in pairs, or else an `argument`."""

    message: str
    dims: tuple[Dim, ...] = ()
    help: str = ""
    code: str = "E0301"
    argument: str = ""

    def __str__(self) -> str:
        return self.message


@dataclass
class Solver:
    """Unifies sizes: what is known of each unknown, and what cannot be decided yet.

    A question is two sizes, who asks, and the size that they broadcast to: None if they must be
    equal.
    """

    bindings: dict[str, Dim] = field(default_factory=dict)
    pending: list[tuple[Dim, Dim, Dim | None, object]] = field(default_factory=list)
    bound: list[str] = field(default_factory=list)
    count: int = 0
    owner: object = None

    def fresh(self, origin: Span | None = None) -> Dim:
        """A new unknown."""
        self.count += 1
        return replace(Dim.of(f"?{self.count}"), origin=origin)

    def resolve(self, dim: Dim) -> Dim:
        """The size with everything known put in."""
        if not self.bindings:
            return dim
        while (name := dim.unknown) is not None and name in self.bindings:
            dim = self.bindings[name]
        if dim.unknown is None and not self.bindings.keys().isdisjoint(dim.names):
            total = Dim.of(0)
            for names, factor in dim.terms:
                total += math.prod((self.resolve(Dim.of(n)) for n in names), start=Dim.of(factor))
            dim = replace(total, label=dim.label, origin=dim.origin)
        return dim

    def shape(self, shape: Sequence[Dim]) -> Shape:
        """The shape with everything known put in."""
        return tuple(map(self.resolve, shape) if self.bindings else shape)

    def equal(self, a: Dim, b: Dim) -> bool:
        """Makes two sizes equal, or says that they cannot be; it may be left pending."""
        found = self.unify(a, b)
        if found is None:
            self.pending.append((a, b, None, self.owner))
        return found is not False

    def unify(self, a: Dim, b: Dim) -> bool | None:
        """Makes two sizes equal; False if they cannot be, None if too little is known."""
        a, b = self.resolve(a), self.resolve(b)
        if a == b:
            return True
        for left, right in ((a, b), (b, a)):
            solved = _isolate(left, right)
            if solved is not None:
                self.bindings[solved[0]] = solved[1]
                self.bound.append(solved[0])
                return True
        unknown = [sum(name.startswith("?") for name in one.names) for one in (a, b)]
        return False if sorted(unknown) in ([0, 0], [0, 1]) else None

    def broadcast(self, a: Dim, b: Dim) -> Dim | None:
        """The size that two broadcast to; None if they do not fit."""
        a, b = self.resolve(a), self.resolve(b)
        if a == b or b == ONE:
            return a
        if a == ONE:
            return b
        if a.unknown or b.unknown:
            known = b if a.unknown else a
            result = self.fresh() if known.unknown else known
            self.pending.append((a, b, result, self.owner))
            return result
        return a if self.equal(a, b) else None


def _isolate(left: Dim, right: Dim) -> tuple[str, Dim] | None:
    """`3 * ?1 + 2 = 14` solved for the unknown."""
    asked = [term for term in left.terms if Dim((term,)).open]
    unknowns = [name for names, _ in asked for name in names if name.startswith("?")]
    if len(unknowns) != 1 or unknowns[0] in right.names:
        return None
    if left.terms[1:]:
        right = right - Dim(tuple(term for term in left.terms if term not in asked))
    ((names, factor),) = asked
    rest = list(names)
    rest.remove(unknowns[0])
    quotient = right // Dim(((tuple(rest), factor),))
    if quotient is None or (quotient.known is not None and quotient.known <= 0):
        return None
    same = quotient if rest or factor != 1 else right  # it keeps its label and origin
    return unknowns[0], same

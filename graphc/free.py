"""Free arrays of one kind by their sizes: to look one up takes no longer where there are many."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from graphc.dims import Dim

TYPICAL = 32  # a run-time size, where two sizes are only compared
LAVISH = 4  # times as large as needed: a free array that is larger waits for a larger value
Place = TypeVar("Place")


@dataclass
class Free(Generic[Place]):
    """Free places by size, and the sizes of each form from small to large."""

    places: dict[Dim, dict[Place, None]] = field(default_factory=dict)
    forms: dict[tuple[tuple[str, ...], ...], list[Dim]] = field(default_factory=dict)

    def add(self, size: Dim, place: Place) -> None:
        """Takes in what is free."""
        if size not in self.places:
            self.places[size] = {}
            insort(self.forms.setdefault(_form(size), []), size, key=typical)
        self.places[size][place] = None

    def take(self, size: Dim) -> Place:
        """Of those of a size that is there, the one that was freed last: it may be in the cache."""
        place, _ = self.places[size].popitem()
        if not self.places[size]:
            del self.places[size]
            sizes = self.forms[_form(size)]
            at = bisect_left(sizes, typical(size), key=typical)
            del sizes[next(one for one in range(at, len(sizes)) if sizes[one] == size)]
        return place

    def fitting(self, need: Dim) -> Dim | None:
        """The smallest size that is large enough and not lavish."""
        if need in self.places:
            return need
        found = [
            sizes[at]
            for sizes in self.forms.values()
            if (at := bisect_left(sizes, True, key=lambda one: covers(one, need))) < len(sizes)
        ]
        near = [one for one in found if typical(one) <= LAVISH * typical(need)]
        return min(near, key=typical, default=None)

    def smaller(self, need: Dim) -> Dim | None:
        """The largest size that the needed one is at least as large as."""
        found = [
            sizes[at - 1]
            for sizes in self.forms.values()
            if (at := bisect_left(sizes, True, key=lambda one: not covers(need, one)))
        ]
        return max(found, key=typical, default=None)


def _form(size: Dim) -> tuple[tuple[str, ...], ...]:
    """What a size is a sum of: sizes of one form differ in their factors."""
    return tuple(names for names, _ in size.terms)


def covers(large: Dim, small: Dim) -> bool:
    """Whether one size is at least the other, whatever the run-time sizes are."""
    least = (large - small).least
    return least is not None and least >= 0


def typical(dim: Dim) -> int:
    """A size at typical run-time sizes, to compare it with others."""
    return sum(factor * TYPICAL ** len(names) for names, factor in dim.terms)

"""The arrays of the buffers while they are given out: sizes, what is free again, what fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphc.dims import Dim, Shape, size
from graphc.free import Free, covers
from graphc.op import Sized

Fill = float | Sized  # what an array holds everywhere


@dataclass(frozen=True)
class Home:
    """Where a value lives: an array of the buffers, or a place given from outside."""

    kind: str  # "array", "gradient" (a view into the flat gradient), "given"
    number: int = 0
    name: str = ""


@dataclass(frozen=True)
class Slot:
    """An array as a statement sees it: where it is, what it is called, its shape and kind."""

    home: Home
    name: str
    shape: Shape
    dtype: str
    fill: Fill | None = None
    laid: bool = False

    def fits(self, other: Slot) -> bool:
        """Whether another stands in the same place, and in the same shape."""
        return self.home == other.home and self.shape == other.shape


@dataclass(frozen=True)
class Slots:
    """The arrays that statements see: of their results, and those that their code needs beside."""

    results: Mapping[int, Slot]
    work: Mapping[int, Mapping[str, Slot]]  # by the placeholder in the code

    def at(self, key: int) -> list[Slot]:
        """What a statement writes into."""
        result = [self.results[key]] if key in self.results else []
        return [*result, *self.work.get(key, {}).values()]


@dataclass
class Room:
    """How many numbers an array can hold, of what kind, and what it always holds, if anything."""

    size: Dim
    dtype: str  # "float" (the model's), "int" or "bool"
    fill: Fill | None = None
    seen: bool = False  # a number, seen in every place of an array that takes no memory


@dataclass(frozen=True)
class Array:
    """An array of the buffers: the names that share it, by shape, the largest first."""

    dtype: str
    size: Dim
    views: tuple[tuple[Shape, tuple[str, ...]], ...]
    fill: Fill | None = None
    seen: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that shares it."""
        return tuple(name for _, names in self.views for name in names)


@dataclass
class Rooms:
    """Arrays, by number; each is used again as soon as it is free."""

    rooms: list[Room] = field(default_factory=list)
    unused: dict[str, Free[Home]] = field(default_factory=dict)
    lasting: dict[tuple[str, Fill, bool, bool], list[Home]] = field(default_factory=dict)

    def take(self, need: Dim, dtype: str, *, new: bool = False) -> Home:
        """The array that fits best: the smallest that is large enough, else one made larger.

        Of several the one that was used last, which may still be in the cache. `new` is an array
        of its own.
        """
        free = Free[Home]() if new else self.unused.setdefault(dtype, Free())
        best = free.fitting(need) or free.smaller(need)
        if best is None:
            self.rooms.append(Room(need, dtype))
            return Home("array", len(self.rooms) - 1)
        home = free.take(best)
        if not covers(best, need):
            self.rooms[home.number].size = need
        return home

    def free(self, home: Home) -> None:
        """What an array holds is not read any more."""
        room = self.rooms[home.number]
        self.unused.setdefault(room.dtype, Free()).add(room.size, home)

    def give(self, slot: Slot) -> Home:
        """An array for what another plan holds in one of its own."""
        if slot.fill is not None:
            return self.filled(size(slot.shape), slot.dtype, slot.fill, seen=slot.laid)
        return self.take(size(slot.shape), slot.dtype)

    def filled(
        self, need: Dim, dtype: str, fill: Fill, *, seen: bool = False, apart: bool = False
    ) -> Home:
        """An array that holds one number everywhere, and at least so many.

        One for statements that are `apart` is never one of others.
        """
        there = self.lasting.setdefault((dtype, fill, seen, apart), [])
        for home in there:
            room = self.rooms[home.number]
            if covers(room.size, need):
                return home
            if covers(need, room.size):
                room.size = need
                return home
        self.rooms.append(Room(need, dtype, fill, seen))
        there.append(Home("array", len(self.rooms) - 1))
        return there[-1]

    def arrays(self, named: Iterable[tuple[Home, Slot]]) -> tuple[Array, ...]:
        """The arrays as the buffers make them, from what stands where, in order."""
        views: dict[Home, dict[Shape, dict[str, None]]] = {}
        for home, slot in named:
            views.setdefault(home, {}).setdefault(slot.shape, {})[slot.name] = None
        found = []
        for home in sorted(views, key=lambda one: one.number):
            room, shapes = self.rooms[home.number], views[home]
            largest = next(shape for shape in shapes if size(shape) == room.size)
            order = [largest, *(shape for shape in shapes if shape != largest)]
            both = tuple((shape, tuple(shapes[shape])) for shape in order)
            found.append(Array(room.dtype, room.size, both, room.fill, room.seen))
        return tuple(found)

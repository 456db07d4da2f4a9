"""Which array holds which value: lifetimes, who may overwrite whom, what is free again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graphc.beside import beside
from graphc.dataflow import Graph, Node, operands, overwrites
from graphc.dims import size
from graphc.op import Work
from graphc.phases import OUTPUTS
from graphc.rooms import Home, Rooms

NEAR = 4  # statements between a part of a gradient and its place
Space = tuple[Home, Work]  # where an array stands, and what it is for


@dataclass
class Allocation:
    """Gives each value a place in which nothing else lives as long as it is read."""

    graph: Graph
    functions: Mapping[str, Sequence[int]]
    pinned: Mapping[int, Home]  # values that must come to stand in a given place
    start: Mapping[int, Home]  # leaves that stand in a place which may be overwritten
    kept: set[int]  # values whose array nothing else may use
    homes: dict[int, Home] = field(default_factory=dict)
    work: dict[int, dict[str, Space]] = field(default_factory=dict)  # what code needs beside
    taken_by: dict[int, int] = field(default_factory=dict)  # whose array was overwritten by whom
    integers: set[int] = field(default_factory=set)  # values that hold whole numbers
    rooms: Rooms = field(default_factory=Rooms)
    holds: dict[Home, int] = field(default_factory=dict)  # the latest value in each place
    read: dict[str, set[int]] = field(default_factory=dict)  # what each function reads
    parts: dict[str, set[int]] = field(default_factory=dict)  # what each function computes

    def run(self, order: Sequence[int]) -> None:
        """Gives every value of the statements, in their order, an array or a place."""
        for name, part in self.functions.items():
            self.read[name] = {o for key in part for o in operands(self.graph[key], self.graph)}
            self.parts[name] = set(part)
        last: dict[int, int] = {}
        for place, key in enumerate(order):
            for operand in operands(self.graph[key], self.graph):
                last[operand] = place
        self.homes.update(self.start)
        self.holds.update({home: key for key, home in self.start.items()})
        for place, key in enumerate(order):
            node = self.graph[key]
            if key in self.homes:
                pass  # computed by two functions, in the same array
            elif node.shape or self._crosses(key) or key in self.pinned:
                self.homes[key] = self._home(node, place, last)
                self.holds[self.homes[key]] = key
                self._work(node)
            gone = {o for o in operands(node, self.graph) if last[o] == place} | (
                {key} if key not in last else set()
            )
            for operand in gone:
                home = self.homes.get(operand)
                used = operand in self.kept or operand in self.taken_by
                if home is not None and home.kind == "array" and not used:
                    self.rooms.free(home)

    def _work(self, node: Node) -> None:
        """Arrays for what the code of a statement needs beside its operands."""
        assert node.op is not None
        own, alone = self.homes[node.key], node.key in self.kept  # may be computed by two functions
        # a step does without what only the outputs need
        apart = {name for name, part in self.parts.items() if node.key in part} <= OUTPUTS
        read = {self.homes.get(one) for one in operands(node, self.graph)}
        for name, work in beside(node, self.graph, self.integers).items():
            if work.fill is not None:
                home = self.rooms.filled(size(work.shape), work.dtype, work.fill, apart=apart)
            elif name in node.op.names and own.kind == "array" and own not in read:
                home = own  # an operand is spread where the result is going to stand
            else:
                home = self.rooms.take(size(work.shape), work.dtype, new=alone)
                if not alone:
                    self.rooms.free(home)
            self.work.setdefault(node.key, {})[name] = home, work

    def _home(self, node: Node, place: int, last: Mapping[int, int]) -> Home:
        assert node.op is not None
        pin = self.pinned.get(node.key)
        for key in dict.fromkeys(node.operands):
            home = self.homes.get(key)
            if (
                home
                and last.get(key) == place
                and key not in self.kept
                and overwrites(node, key, self.graph)
            ):
                fits = self.graph[key].shape == node.shape and node.key not in self.kept
                # NumPy takes three times as long to overwrite a single number in its array
                fits = fits and (home.kind != "array" or size(node.shape).least != 1)
                mine = home == pin if pin or home.kind != "array" else True
                if home.kind == "given" and pin is None:
                    mine = self._leads_to(node.key, home)
                if fits and mine:
                    self.taken_by[key] = node.key
                    return home
        if pin is not None:
            assert not self._read_later(pin, place, last), f"{pin.name} is read after it is written"
            return pin
        owners = {name for name, part in self.parts.items() if node.key in part}
        bound = self._bound_for(node) if owners == {"backward"} else None
        if bound is not None and not self._read_later(bound, place, last):
            return bound
        dtype = "int" if node.key in self.integers else "float"
        return self.rooms.take(size(node.shape), dtype, new=node.key in self.kept)

    def _read_later(self, home: Home, place: int, last: Mapping[int, int]) -> bool:
        """Whether what stands in a place is still read after a statement."""
        return last.get(self.holds.get(home, -1), -1) >= place

    def _bound_for(self, node: Node) -> Home | None:
        """The place of the gradient that a value is about to become a part of."""
        for _ in range(NEAR):
            readers = self.graph.readers(node.key)
            reader = self.graph[readers[0]] if len(readers) == 1 else node
            if reader.op is None or reader is node or reader.shape != node.shape:
                return None
            name = reader.op.names[reader.operands.index(node.key)]
            if name not in reader.op.overwritten:
                return None
            if reader.key in self.pinned:
                home = self.pinned[reader.key]
                return home if home.kind == "gradient" else None
            node = reader
        return None

    def _leads_to(self, key: int, home: Home) -> bool:
        """Whether a value's only reader, and so on, ends as what must stand in `home`."""
        while self.pinned.get(key) != home:
            readers = self.graph.readers(key)
            if len(readers) != 1 or self.graph[readers[0]].shape != self.graph[key].shape:
                return False
            (key,) = readers
        return True

    def _crosses(self, key: int) -> bool:
        """Whether a scalar is read by another function than the one that computes it."""
        return key in self.kept or any(
            key in read and key not in self.parts[name] for name, read in self.read.items()
        )

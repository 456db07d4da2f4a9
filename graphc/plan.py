"""graph -> plan: what runs in which function, which array holds which value, what it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from graphc.dataflow import Graph, Node
from graphc.dims import Dim, Shape, size
from graphc.names import Names


GIVEN = {"parameter": "theta"}
NEAR = 4  # statements between a part of a gradient and its place
RESERVED = {"parameter", "gradient", "step", "epoch", "batch"}


@dataclass(frozen=True)
class Home:
    """Where a value lives: an array of the buffers, or a place given from outside."""

    kind: str  # "array", "gradient" (a view into the flat gradient), "given"
    number: int = 0
    name: str = ""


@dataclass(frozen=True)
class Plan:
    """Everything that the emitter prints."""

    graph: Graph
    functions: Mapping[str, tuple[int, ...]]  # the statements of each, in order
    constants: tuple[int, ...]  # arrays computed once, when the module is imported
    homes: Mapping[int, Home]  # of each value with an array; other statements are local scalars
    names: Mapping[int, str]
    arrays: tuple[tuple[Shape, tuple[str, ...]], ...]  # shape and the names that share it
    sizes: Mapping[str, str]  # what each run-time size is called

    @property
    def elements(self) -> Dim:
        """How many numbers the buffers hold, in terms of the run-time sizes."""
        total = Dim.of(0)
        for shape, _ in self.arrays:
            total += size(shape)
        return total


def inline(node: Node, graph: Graph) -> bool:
    """Whether a value has no statement: its readers spell it out."""
    return _reckoned(node, graph) or (node.op is not None and node.op.view)


def _reckoned(node: Node, graph: Graph) -> bool:
    """Whether a value is a number, or an expression over numbers alone."""
    if node.op is None:
        return node.number is not None
    scalar = not node.shape and node.op.elementwise
    return scalar and all(_reckoned(graph[one], graph) for one in node.operands)


def behind(key: int, graph: Graph) -> list[int]:
    """The values that have a statement or are leaves, of which an inline value is made."""
    node = graph[key]
    if node.op is not None and inline(node, graph):
        return [one for operand in node.operands for one in behind(operand, graph)]
    return [] if node.number is not None else [key]


def operands(node: Node, graph: Graph) -> list[int]:
    """The values that a node's statement reads."""
    return [one for operand in node.operands for one in behind(operand, graph)]


def plan(graph: Graph) -> Plan:
    """The plan of a model: constants, forward, outputs, loss, backward."""
    live = graph.leaves("input", "target", "param")
    varying = {node.key for node in live}
    for node in graph.nodes:
        if _sized(node) or any(operand in varying for operand in node.operands):
            varying.add(node.key)
    stated = [n for n in graph.nodes if not inline(n, graph) and (n.op or n.kind == "const")]
    varying |= set(graph.roots)
    constants = [n.key for n in stated if n.key not in varying]
    steps = [n.key for n in stated if n.key in varying]

    wanted = graph.before(graph.outputs.values())
    judged = graph.before([] if graph.loss is None else [graph.loss])
    trained = graph.before(graph.gradients.values())
    forward = [key for key in steps if key in wanted and key in judged]
    loss = [key for key in steps if key in judged and key not in wanted]
    functions = {
        "forward": forward,
        "outputs": [key for key in steps if key in wanted and key not in judged],
        "loss": loss,
        "backward": [k for k in steps if k in trained and k not in judged],
    }
    gradient = {key: Home("gradient", name=name) for name, key in graph.gradients.items()}
    kept = set(functions["outputs"]) | {
        one for key in graph.outputs.values() for one in behind(key, graph)
    }
    names = Names(names_of(graph))
    return _Planner(graph, names, functions, constants, gradient, {}, kept).run()


def plan_update(graph: Graph) -> Plan:
    """The plan of an update rule: the flat vectors are overwritten by their values after the step."""
    given = {
        node.leaf.name: node.key for node in graph.leaves("given") if node.leaf and node.shape
    }
    homes = {name: Home("given", name=name) for name in given}
    start = {key: homes[name] for name, key in given.items()}
    pinned = {key: homes[name] for name, key in graph.outputs.items()}
    steps = [node.key for node in graph.nodes if node.op and not inline(node, graph)]
    names = Names(names_of(graph))
    return _Planner(graph, names, {"update": steps}, [], pinned, start, set()).run()


def run_time(graph: Graph) -> list[str]:
    """The run-time sizes of the data, in the order of their first appearance."""
    data = [*graph.leaves("input"), *graph.leaves("target")]
    names = [name for node in data for dim in node.shape for name in sorted(dim.names)]
    return list(dict.fromkeys(names))


def names_of(graph: Graph) -> list[str]:
    """What the user named."""
    labels = [node.label for node in graph.nodes if node.label]
    leaves = [n.leaf.name for n in graph.leaves("given") if n.leaf and n.leaf.name not in RESERVED]
    return [*labels, *leaves, *(name for name in run_time(graph) if name not in RESERVED)]


def _sized(node: Node) -> bool:
    """Whether a run-time size stands in the value, its shape or its attributes."""
    given = [node.number, *node.shape]
    for value in node.attributes.values():
        given += value if isinstance(value, tuple) else [value]
    return any(isinstance(one, Dim) and one.known is None for one in given)


@dataclass
class _Planner:
    graph: Graph
    names: Names
    functions: Mapping[str, Sequence[int]]
    constants: Sequence[int]
    pinned: Mapping[int, Home]  # values that must come to stand in a given place
    start: Mapping[int, Home]  # leaves that stand in a place which may be overwritten
    kept: set[int]  # values whose array nothing else may use
    homes: dict[int, Home] = field(default_factory=dict)
    taken_by: dict[int, int] = field(default_factory=dict)
    holds: dict[Home, int] = field(default_factory=dict)  # the latest value in each place
    shapes: list[Shape] = field(default_factory=list)
    read: dict[str, set[int]] = field(default_factory=dict)  # what each function reads

    def run(self) -> Plan:
        for name, part in self.functions.items():
            self.read[name] = {o for key in part for o in operands(self.graph[key], self.graph)}
        order = [key for part in self.functions.values() for key in part]
        self._allocate(order)
        order = list(dict.fromkeys(order))
        titles = self._titles(order)
        shared: dict[int, dict[str, None]] = {}
        for key in order:
            home = self.homes.get(key)
            if home is not None and home.kind == "array":
                shared.setdefault(home.number, {})[titles[key]] = None
        return Plan(
            self.graph,
            {name: tuple(part) for name, part in self.functions.items()},
            tuple(self.constants),
            self.homes,
            titles,
            tuple((self.shapes[number], tuple(names)) for number, names in sorted(shared.items())),
            {name: self.names.user(name) for name in run_time(self.graph)},
        )

    # -- arrays ----------------------------------------------------------------------------------

    def _allocate(self, order: Sequence[int]) -> None:
        last: dict[int, int] = {}
        for place, key in enumerate(order):
            for operand in operands(self.graph[key], self.graph):
                last[operand] = place
        self.homes.update(self.start)
        free: dict[Shape, dict[Home, None]] = {}
        for place, key in enumerate(order):
            node = self.graph[key]
            if key in self.homes:
                pass  # computed by two functions, in the same array
            elif node.shape or self._crosses(key) or key in self.pinned:
                self.homes[key] = self._home(node, place, last, free)
                self.holds[self.homes[key]] = key
            gone = {o for o in operands(node, self.graph) if last[o] == place} | (
                {key} if key not in last else set()
            )
            for operand in gone:
                home = self.homes.get(operand)
                if home is None or home.kind != "array" or operand in self.kept:
                    continue
                if operand not in self.taken_by:
                    free.setdefault(self.shapes[home.number], {})[home] = None

    def _home(
        self, node: Node, place: int, last: Mapping[int, int], free: dict[Shape, dict[Home, None]]
    ) -> Home:
        assert node.op is not None
        pin = self.pinned.get(node.key)
        promised = node.op.overwrites.replace(",", " ").split()
        for name, key in zip(node.op.names, node.operands, strict=True):
            home = self.homes.get(key)
            if name in promised and home and last.get(key) == place and key not in self.kept:
                fits = self.graph[key].shape == node.shape and node.key not in self.kept
                again = [o for o in operands(node, self.graph) if o == key]
                direct = len(again) == node.operands.count(key)
                mine = home == pin if pin or home.kind != "array" else True
                if home.kind == "given" and pin is None:
                    mine = self._leads_to(node.key, home)
                if fits and direct and mine:
                    self.taken_by[key] = node.key
                    return home
        if pin is not None:
            blocked = [k for k, h in self.homes.items() if h == pin and last.get(k, -1) >= place]
            assert not blocked, f"{pin.name} is still read when it is overwritten"
            return pin
        bound = self._bound_for(node)
        if bound is not None and last.get(self.holds.get(bound, -1), -1) < place:
            return bound
        ready = free.get(node.shape)
        if ready and node.key not in self.kept:
            return ready.popitem()[0]
        self.shapes.append(node.shape)
        return Home("array", len(self.shapes) - 1)

    def _bound_for(self, node: Node) -> Home | None:
        """The place of the gradient that a value is about to become a part of."""
        for _ in range(NEAR):
            readers = self.graph.readers(node.key)
            reader = self.graph[readers[0]] if len(readers) == 1 else node
            if reader.op is None or reader is node or reader.shape != node.shape:
                return None
            name = reader.op.names[reader.operands.index(node.key)]
            if name not in reader.op.overwrites.replace(",", " ").split():
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
            key in read and key not in set(self.functions[name])
            for name, read in self.read.items()
        )

    # -- names -----------------------------------------------------------------------------------

    def _titles(self, order: Sequence[int]) -> dict[int, str]:
        """A name for every value: the user's own, `d` and the name, a reader's, or s1, s2, ..."""
        titles: dict[int, str] = {}
        for node in self.graph.nodes:
            if node.label is not None:
                titles[node.key] = self.names.user(node.label)
        if self.graph.loss is not None:
            titles.setdefault(self.graph.loss, "loss")
        for node in self.graph.leaves("given"):
            if node.leaf is not None:
                titles[node.key] = self.names.user(GIVEN.get(node.leaf.name, node.leaf.name))
        for key, home in self.homes.items():
            if home.kind == "given":
                titles[key] = self.names.user(GIVEN.get(home.name, home.name))
        for index, key in enumerate(self.constants):
            titles.setdefault(key, self.names.fresh(f"c{index + 1}"))
        for node in self.graph.nodes:
            if node.gradient_of and node.key not in titles:
                titles[node.key] = self.names.fresh(f"d{self.names.user(node.gradient_of)}")
        numbers = count(1)
        temporary: dict[Home | int, str] = {}
        part = {key: name for name, keys in self.functions.items() for key in keys}
        for key in reversed(order):
            reader = self.taken_by.get(key)
            only = reader is not None and set(self.graph.readers(key)) == {reader}
            if key not in titles and only and reader is not None and part[key] == part[reader]:
                titles[key] = titles.get(reader, "")
        for key in order:
            if not titles.get(key):
                home: Home | int = self.homes.get(key, key)
                if home not in temporary:
                    temporary[home] = self.names.numbered("s", numbers)
                titles[key] = temporary[home]
        return titles

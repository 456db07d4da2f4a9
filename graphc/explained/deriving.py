"""A checked model -> its derivation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from graphc import tree
from graphc.dataflow import Graph, Node
from graphc.errors import Report
from graphc.explained.derivation import Derivation, Part, Place, Step, Value
from graphc.explained.naming import Naming, title_of
from graphc.explained.spelling import spelt, total
from graphc.explained.sweep import Swept, swept
from graphc.explained.tidy import tidy
from graphc.printing import show, statement
from graphc.source import Source
from graphc.syntax import parse
from graphc.tree import Expr

DATA = "it is data: no gradient is computed for it"
NEEDLESS = {
    "input": DATA,
    "target": DATA,
    "const": "it never changes: no gradient is computed for it",
    "frozen": "it is frozen: no gradient is computed for it",
}


def derived(graph: Graph) -> Derivation:
    """The derivation of a checked model that has its stable forms."""
    return _Deriving(graph, swept(graph)).derivation()


def renamed(source: Source, name: str) -> str:
    """What a name of a checked model stands for that names no value of its own: `k = 3`, `b = a`.

    The empty string if the text does not define it.
    """
    defined = (one for one in parse(source, Report()).statements if isinstance(one, tree.Assign))
    return next((show(one.value) for one in defined if one.name.id == name), "")


def place_of(node: Node) -> Place | None:
    """The line of the model file that a value stands in."""
    one = node.origin.statement
    if one is None:
        return None
    top = one.of or one
    text, inner = statement(top), statement(one)
    return Place(top.span.line, text, "" if inner == text else inner)


class _Deriving:
    """Puts together what is told of a model."""

    def __init__(self, graph: Graph, done: Swept) -> None:
        self.graph = graph
        self.swept = done
        self.naming = Naming(done)
        self.written = {key: one for one, key in done.place.items()}
        self.needed = graph.before([] if graph.loss is None else [graph.loss])

    def derivation(self) -> Derivation:
        """Values in the order of the graph, steps from the loss back."""
        values = {one.name: one for one in map(self._value, self.graph.nodes) if one is not None}
        settings = self.graph.settings
        steps = {one.name: one for one in self._steps()}
        return Derivation(settings.name, settings.source, values, steps)

    def _value(self, node: Node) -> Value | None:
        """What is told of a node of the user's graph; None of one that has no name."""
        key, name, loss = self.swept.place[node.key], title_of(node), node.key == self.graph.loss
        if loss and not name:
            name = self.naming.values[key]
        if not name:
            return None
        kind = node.leaf.kind if node.leaf is not None else "loss" if loss else "node"
        if node.leaf is not None and node.leaf.frozen:
            kind = "frozen"
        if node.number is not None:
            kind = "const"
        gradient = "" if kind in NEEDLESS else self.naming.gradients.get(key, "")
        why = "" if gradient else NEEDLESS.get(kind, self._idle(node))
        reading = [self._owner(self.graph[one]) for one in self.graph.readers(node.key)]
        form = "" if node.leaf is not None else self._forms.get(name, "")
        return Value(
            name,
            kind,
            node.shape,
            place_of(node),
            tuple(dict.fromkeys(reading)),
            gradient,
            why,
            form,
        )

    def _idle(self, node: Node) -> str:
        """Why nothing flows back to what could have a gradient."""
        if node.key not in self.needed:
            return "the loss does not depend on it: no gradient is computed for it"
        if self.swept.place[node.key] in self._sloping:
            return "no gradient goes through what reads it"
        return "no trained parameter has a part in it: no gradient is computed for it"

    @cached_property
    def _sloping(self) -> set[int]:
        """What a trained parameter has a part in."""
        return self.swept.forward.learnt()

    @cached_property
    def _forms(self) -> dict[str, str]:
        """The stable form that a part of each line is replaced by, if one is."""
        nodes = [node for node in self.graph.nodes if node.origin.form]
        return {self._owner(node): node.origin.form for node in nodes}

    @cached_property
    def _taught(self) -> dict[int, frozenset[str]]:
        """The operations between each value and the loss whose slope is told otherwise."""
        forward, found = self.swept.forward, dict[int, frozenset[str]]()
        for key in reversed([*forward.known]):
            if key in self.swept.totals:
                readers = [one for one in forward.readers(key) if one in found]
                own = {self.swept.taught[one] for one in readers if one in self.swept.taught}
                found[key] = frozenset(own).union(*(found[one] for one in readers))
        return found

    def _owner(self, node: Node) -> str:
        """The name of the line that a value is part of."""
        match node.origin.statement:
            case tree.Assign() as one:
                return one.name.id
            case tree.Loss():
                assert self.graph.loss is not None
                return self.naming.values[self.swept.place[self.graph.loss]]
        return title_of(node)

    def _steps(self) -> Iterator[Step]:
        """Each gradient that has a name, last value first; before it, what its formula shares."""
        forward, naming = self.swept.forward, self.naming
        shared = {name: self._shared(key, name) for key, name in naming.temporaries.items()}
        inside = {
            name: self._inside(key, name)
            for key, name in naming.values.items()
            if not title_of(forward[key]) and key != forward.loss
        }
        extra = {**inside, **shared}
        for key in self._order():
            todo = [self._gradient(key)]
            while todo:
                step = todo[-1]
                more = [name for name in sorted(step.uses | {step.of}) if name in extra]
                if more:
                    todo.append(extra[more[0]])
                else:
                    extra.pop(todo.pop().name, None)
                    yield step

    def _order(self) -> list[int]:
        """The values whose gradients are told: a parameter as soon as all that read it are."""
        forward = self.swept.forward
        after: dict[int, list[int]] = {}
        for node in forward.nodes:
            readers = [one for one in forward.readers(node.key) if one in self.swept.totals]
            if node.leaf is not None and readers:
                after.setdefault(readers[0], []).append(node.key)
        found: list[int] = []
        for key in reversed([*forward.known]):
            if forward[key].leaf is None:
                found += [key, *after.get(key, ())]
        return [key for key in found if key in self.naming.gradients]

    def _formula(self, key: int, own: str) -> Expr:
        """The formula of a value that is called `own`."""
        return tidy(spelt(key, self.swept.whole, self.naming.names, own))

    def _gradient(self, key: int) -> Step:
        """The gradient of a value: what its readers send back, added up."""
        naming, node = self.naming, self.swept.forward[key]
        name, of = naming.gradients[key], naming.values[key]
        at = self.swept.totals[key]
        sent: dict[str, tuple[Place | None, list[Expr]]] = {}
        for reader, part in self.swept.parts.get(key, ()):
            one = self.swept.forward[reader]
            formulas = sent.setdefault(self._owner(one), (place_of(one), []))[1]
            formulas.append(self._formula(part, name))
        parts = tuple(Part(who, place, total(ones)) for who, (place, ones) in sent.items())
        formula = total([one.formula for one in parts]) if parts else self._formula(at, name)
        place = parts[0].place if len(parts) == 1 else place_of(node)
        return Step(name, "gradient", formula, node.shape, of, parts, self._taught[key], place)

    def _inside(self, key: int, name: str) -> Step:
        """A value within a line of the model, by what the user wrote there."""
        graph, node = self.swept.forward, self.swept.forward[key]
        if (one := self.written.get(key)) is not None:
            graph, node = self.graph, self.graph[one]
            names = self._written
        else:
            names = self.naming.values
        formula = tidy(spelt(node.key, graph, names, name))
        return Step(name, "inside", formula, node.shape, self._owner(node), place=place_of(node))

    @cached_property
    def _written(self) -> dict[int, str]:
        """The names of values by their keys in the graph that the user wrote."""
        names = self.naming.values
        return {key: names[at] for key, at in self.swept.place.items() if at in names}

    def _shared(self, key: int, name: str) -> Step:
        """What several formulas have in common."""
        node = self.swept.whole[key]
        formula = self._formula(key, name)
        return Step(name, "part", formula, node.shape)

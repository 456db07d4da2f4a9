"""The derivation of a model as data: its values, what flows back to each, and each chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graphc.dims import Shape
from graphc.reading import names
from graphc.tree import Expr


@dataclass(frozen=True)
class Place:
    """A line of a model, and what stands there; `inner` is what became of it, if it was a block."""

    line: int
    text: str
    inner: str = ""


@dataclass(frozen=True)
class Part:
    """What one reader sends back to a value."""

    reader: str
    place: Place | None
    formula: Expr


@dataclass(frozen=True)
class Step:
    """One line of a derivation: `dz = (p - y) / batch`, its shape, and whence it comes.

    `kind` is gradient; inside, for a value within a line of the model, which the derivation had to
    name; or part, for what several formulas share.
    """

    name: str
    kind: str
    formula: Expr
    shape: Shape
    of: str = ""  # the value whose gradient it is
    parts: tuple[Part, ...] = ()
    taught: frozenset[str] = frozenset()  # operations on the way whose slope is told otherwise
    place: Place | None = None  # of what is differentiated: the reader; or where a value is inside

    @cached_property
    def uses(self) -> frozenset[str]:
        """The names in its formula."""
        return frozenset(names(self.formula)).union(*(names(one.formula) for one in self.parts))


@dataclass(frozen=True)
class Value:
    """What a model's name stands for.

    `kind` is input, target, param, frozen, const, node or loss; `why` says why it has no gradient.
    """

    name: str
    kind: str
    shape: Shape
    place: Place | None
    readers: tuple[str, ...]  # by name, in the order of the model
    gradient: str = ""
    why: str = ""
    form: str = ""  # the stable form that is computed instead


@dataclass(frozen=True)
class Derivation:
    """All that can be told of a model."""

    title: str
    source: str
    values: Mapping[str, Value]  # in the order of the graph: what is needed first
    steps: Mapping[str, Step]  # from the loss back

    @cached_property
    def parameters(self) -> list[Value]:
        """What is trained and reaches the loss."""
        return [one for one in self.values.values() if one.kind == "param" and one.gradient]

    def chain(self, gradient: str, *, whole: bool = True) -> list[Step]:
        """The steps that lead from the loss to a gradient, which is the last.

        What they share and what is inside of a line stands before the first step that uses it.
        Unless `whole` it begins behind the last values that have a name of the user's.
        """
        needed, todo = {gradient}, [gradient]
        for name in todo:
            more = [one for one in self.steps[name].uses if one in self.steps]
            if not whole:
                more = [one for one in more if self.steps[one].of not in self.values]
            todo += [one for one in more if one not in needed]
            needed.update(more)
        found: dict[str, Step] = {}
        for name in sorted(needed, key=self._order.__getitem__):
            step = self.steps[name]
            if step.kind == "gradient":
                for one in self.beside(step):
                    found.setdefault(one.name, one)
                found[name] = step
        return list(found.values())

    def beside(self, step: Step) -> list[Step]:
        """What a step's formula is told with: the values inside of lines, and what is shared."""
        found: dict[str, Step] = {}
        todo = [step]
        while todo:
            one = todo.pop()
            for name in sorted(one.uses | {one.of}):
                other = self.steps.get(name)
                if other is not None and other.kind != "gradient" and name not in found:
                    found[name] = other
                    todo.append(other)
        return sorted(found.values(), key=lambda one: self._order[one.name])

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.steps)}

    def length(self, gradient: str) -> int:
        """How many gradients there are from the loss to one, itself included."""
        return sum(step.kind == "gradient" for step in self.chain(gradient))

    @cached_property
    def users(self) -> Mapping[str, list[Step]]:
        """The steps on the way back whose formulas use each name."""
        found: dict[str, list[Step]] = {}
        for step in self.steps.values():
            for name in step.uses if step.kind != "inside" else ():
                found.setdefault(name, []).append(step)
        return found

    def meant(self, name: str) -> str:
        """The value that a name stands for: itself, or that whose gradient it is."""
        step = None if name in self.values else self.steps.get(name)
        return step.of if step is not None and step.kind == "gradient" else name

    def known(self) -> Sequence[str]:
        """The names that can be asked for."""
        inside = [name for name, one in self.steps.items() if one.kind == "inside"]
        return [*self.values, *inside]

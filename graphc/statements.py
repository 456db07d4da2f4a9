"""plan -> statements: each value's code and meaning, and the names that a function needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphc import printing
from graphc.constants import LARGEST_EXPONENT, WORDS, word
from graphc.dataflow import Node, Origin, behind, inline, shapes_of
from graphc.dims import Dim
from graphc.op import Sized, text
from graphc.plan import Plan
from graphc.writer import fill

NOTHING: Mapping[str, str] = {}
NAMED = re.compile(rf"\b(?:{'|'.join([*WORDS, 'largest_exponent'])})\b")


@dataclass(frozen=True)
class Line:
    """One statement: what runs, what it means, and the comments that stand above it."""

    code: str
    meaning: str
    form: str = ""
    rule: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Views:
    """Transposes that are made once, by name, and what each is of."""

    of_params: dict[str, str]
    of_arrays: dict[str, str]


@dataclass(frozen=True)
class Used:
    """What a function refers to, each in order of declaration or appearance."""

    data: tuple[str, ...]
    params: tuple[str, ...]
    gradients: dict[str, str]  # what each is called, and the parameter it belongs to
    arrays: tuple[str, ...]
    work: tuple[str, ...]  # arrays that only code speaks of
    sizes: tuple[str, ...]


class Speller:
    """Spells the values of a plan as Python; where it is `plain`, their meanings alone are read."""

    def __init__(self, plan: Plan, plain: bool) -> None:
        self.plan = plan
        self.graph = plan.graph
        self.plain = plain
        self.work = {} if plain else plan.work
        self.turned = {} if plain else plan.turned
        self.words: dict[str, float] = {}  # numbers that statements take as arrays
        self.scalars: set[int] = set()  # those that no array has a part in
        for node in plan.graph.nodes:
            free = node.leaf.kind in {"number", "given"} if node.leaf else not node.drawn
            if not node.shape and free and self.scalars.issuperset(node.operands):
                self.scalars.add(node.key)

    def value(self, key: int) -> str:
        """A value as its readers write it: its name, or the expression of an inline one."""
        node = self.graph[key]
        if node.number is not None:
            number = node.number
            return self.size(number) if isinstance(number, Dim) else printing.literal(number)
        if inline(node, self.graph):
            return self.meaning(node)
        if key in self.plan.names:
            return self.plan.names[key]
        return node.leaf.name if node.leaf else ""

    def size(self, dim: Dim) -> str:
        """A size as Python."""
        return dim.spelt(lambda name: self.plan.sizes.get(name, name))

    def shape(self, shape: Iterable[Dim]) -> str:
        """A shape as a tuple of Python."""
        parts = [self.size(dim) for dim in shape]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"

    def attribute(self, value: Any) -> str:
        """A compile-time value as Python."""
        if isinstance(value, Dim):
            return self.size(value)
        if isinstance(value, tuple) and any(isinstance(part, Dim) for part in value):
            return self.shape(value)
        return str(value[0]) if isinstance(value, tuple) and len(value) == 1 else repr(value)

    def meaning(self, node: Node) -> str:
        """The right-hand side in plain NumPy."""
        assert node.op is not None
        words = self._filled(node, self.rules(node)[0])
        # a scalar of NumPy's own would turn float32 arrays into float64
        called = node.key in self.scalars and node.op.elementwise and not node.op.symbol
        return f"float({words})" if called else words

    def rules(self, node: Node) -> tuple[str, str]:
        """What an operation says here of its meaning and its code."""
        assert node.op is not None
        shapes = shapes_of(node, self.graph)
        meaning, code = (text(r, shapes, node.attributes) for r in (node.op.meaning, node.op.code))
        return meaning, code

    def _filled(self, node: Node, template: str, given: Mapping[str, str] = NOTHING) -> str:
        """A rule with the operands' values put in, unless others are given."""
        assert node.op is not None
        values = dict(zip(node.op.names, map(self.value, node.operands), strict=True))
        for name, key in zip(node.op.names, node.operands, strict=True):
            # a number of Python's own would make an array of it in float64
            if node.shape and key in self.scalars and not node.op.elementwise:
                values[name] = f"DTYPE({values[name]})"
        values |= {name: self.attribute(value) for name, value in node.attributes.items()}
        values |= {node.op.result: self.plan.names.get(node.key, ""), **given}
        return fill(template, values)

    def _arrays(self, node: Node) -> dict[str, str]:
        """The arrays that only code speaks of: its work, and numbers that are some."""
        assert node.op is not None
        work = self.work.get(node.key, {})
        found = {name: slot.name for name, slot in work.items()}
        for name, key in zip(node.op.names, node.operands, strict=True):
            view = self.turned.get(key) if node.shape else None
            if name in work and work[name].fill is None:
                found[name] = f"spread({view or self.value(key)}, {found[name]})"
            elif view:
                found[name] = view
        integers = self.plan.integers.intersection([node.key, *node.operands])
        if node.shape and node.op.elementwise and not integers:
            numbers = zip(node.op.names, (self.graph[o].number for o in node.operands), strict=True)
            given = {name: one for name, one in numbers if isinstance(one, int | float)}
            words = {name: self._word(one, node.origin) for name, one in given.items()}
            found = {**words, **found}
        return found

    def _word(self, number: float, origin: Origin) -> str:
        """What a number is called as an array."""
        # -0.0 is no other number, but has another quotient
        known = {str(float(value)): name for name, value in self.numbers(origin).items()}
        name = known.get(str(float(number))) or word(number)
        self.words[name] = number
        return name

    def numbers(self, origin: Origin) -> dict[str, float]:
        """The numbers that a statement can take as arrays."""
        if "largest_exponent" in origin.rule:
            return {**WORDS, "largest_exponent": LARGEST_EXPONENT[self.graph.settings.dtype]}
        return {**WORDS}

    def line(self, key: int) -> Line:
        """The statement of a value."""
        node = self.graph[key]
        name, meaning, origin = self.plan.names[key], self.meaning(node), node.origin
        code = "" if self.plain else self._code(node, name, meaning)
        return Line(code, f"{name} = {meaning}", origin.form, origin.rule, origin.remark)

    def _code(self, node: Node, name: str, meaning: str) -> str:
        """What runs."""
        assert node.op is not None
        template, assigned = self.rules(node)[1], f"{{{node.op.result}}}[...] = "
        there = node.key in self.plan.homes
        if not template or template.startswith(assigned):
            rule = template.removeprefix(assigned)
            value = self._filled(node, rule, self._arrays(node)) if rule else meaning
            code = f"{name}[...] = {value}" if there else f"{name} = {value}"
        elif not node.shape and not there:
            code = f"{name} = {meaning}"
        elif template.endswith(meaning):
            code = meaning
        else:
            code = self._filled(node, template, self._arrays(node))
        if found := NAMED.findall(code):
            known = self.numbers(node.origin)
            self.words |= {name: known[name] for name in found if name in known}
        return code

    def used(self, keys: Iterable[int], also: Iterable[int] = ()) -> Used:
        """What the statements of `keys` refer to, and the values of `also`."""
        keys = list(keys)
        read = {one for key in keys for one in self._read(self.graph[key])} | set(also)
        homes, names = self.plan.homes, self.plan.names
        places = {homes[key] for key in keys if key in homes and homes[key].kind == "given"}
        read |= {n.key for n in self.graph.leaves("param") if homes.get(n.key) in places}

        def leaves(*kinds: str) -> tuple[str, ...]:
            found = [n for n in self.graph.leaves(*kinds) if n.key in read]
            return tuple(names.get(node.key, "") for node in found)

        touched = [*keys, *sorted(read - set(keys))]
        arrays = [names[k] for k in touched if k in homes and homes[k].kind == "array"]
        work = [one.name for k in keys for one in self.work.get(k, {}).values()]
        mentioned = self.sizes(keys)
        owner = {n.leaf.name: names[n.key] for n in self.graph.leaves("param") if n.leaf}
        gradients = [k for k in touched if k in homes and homes[k].kind == "gradient"]
        return Used(
            leaves("input", "target"),
            leaves("param"),
            {names[key]: owner[homes[key].name] for key in gradients},
            tuple(dict.fromkeys(arrays)),
            tuple(dict.fromkeys(work)),
            tuple(new for name, new in self.plan.sizes.items() if name in mentioned),
        )

    def views(self, keys: Iterable[int]) -> Views:
        """The transposes that the statements of `keys` read."""
        found = Views({}, {})
        nodes = [node for node in map(self.graph.__getitem__, keys) if node.shape]
        for key in [o for node in nodes for o in node.operands if o in self.turned]:
            (of,) = self.graph[key].operands
            kind = found.of_params if self.graph[of].leaf is not None else found.of_arrays
            kind[self.turned[key]] = self.plan.names[of]
        return found

    def _read(self, node: Node) -> list[int]:
        """The values that a statement's code reads by their own names."""
        named = [key for key in node.operands if not node.shape or key not in self.turned]
        return [one for key in named for one in behind(key, self.graph)]

    def sizes(self, keys: Iterable[int]) -> set[str]:
        """The run-time sizes that statements mention."""
        found: set[str] = set()
        todo = [self.graph[key] for key in keys]
        while todo:
            node = todo.pop()
            if isinstance(node.number, Dim):
                found |= node.number.names
            copied = node.op is not None and node.op.role == "spread"
            copied = copied and self.graph[node.operands[0]].shape == node.shape
            for value in () if copied else node.attributes.values():  # a copy does not tell them
                parts = value if isinstance(value, tuple) else (value,)
                found |= {name for part in parts if isinstance(part, Dim) for name in part.names}
            held = [one.fill for one in self.work.get(node.key, {}).values()]  # as arrays
            inner = [o for o in node.operands if Sized(o) not in held]
            todo += [self.graph[o] for o in inner if inline(self.graph[o], self.graph)]
        return found

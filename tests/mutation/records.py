"""The records of operations broken: derivatives, promises, simplifications, stable forms."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import partial
from typing import Any

from graphc import explaining, patterns, rules, stable
from graphc.book import book
from graphc.dataflow import Leaf, Node
from graphc.dims import shape_of
from graphc.draft import Draft
from graphc.language import parse_rule
from graphc.op import Attributes, Op, Sample, text
from graphc.printing import show
from graphc.rewrites import identities
from tests.mutation.mutant import Mutant
from tests.mutation.variants import variants

CACHES = (rules, stable, identities, explaining, patterns)


def replaced(name: str, field: str, value: Any) -> None:
    """Gives every record of an operation, those of a number of operands too, another field."""
    for one in gc.get_objects():
        if isinstance(one, Op) and one.name == name:
            vars(one)[field] = value
            vars(one).pop("overwritten", None)
    for module in CACHES:
        for one in vars(module).values():
            if hasattr(one, "cache_clear") and one is not book:
                one.cache_clear()


def nothing(kind: str) -> None:
    """Every record given what it has: the rules of derivatives as they are printed."""
    for op in [*book().values()]:
        if kind == "adjoint" and op.adjoint:
            _derive(op, "", "", "")
        elif kind != "adjoint":
            replaced(op.name, kind, getattr(op, kind))


def derivatives() -> Iterator[Mutant]:
    """Each definition of each derivative: its sign, its size, and whatever stands in it."""
    for op in book().values():
        texts: dict[str, None] = {}
        for sample in op.samples:
            if op.adjoint:
                one, shapes = op.at(len(sample.shapes)), tuple(map(_shape, sample.shapes))
                given = {name: each.default for name, each in op.attributes.items()}
                given |= dict(_solved(one, sample))
                texts[text(one.adjoint, shapes, given)] = None
        seen: dict[tuple[str, str], None] = {}
        for rule in texts:
            for name, expr in parse_rule(rule).items():
                if name == op.result:  # which a derivative knows and does not compute
                    continue
                for way, other in _broken(name, show(expr)):
                    if (name, show(expr) + other) not in seen:
                        seen[name, show(expr) + other] = None
                        told = f"{op.name}: {name} = {show(expr)}  ->  {other}  ({way})"
                        change = partial(_derive, op, name, show(expr), other)
                        yield Mutant("adjoint", told, change, op.name)


def _shape(sizes: tuple[int, ...]) -> Any:
    return shape_of(*sizes)


def _solved(op: Op, sample: Sample) -> Attributes:
    draft = Draft()
    keys = [draft.place(Node(-1, shape_of(*s), leaf=Leaf("input"))) for s in sample.shapes]
    return draft[draft.add(op, keys, sample.attributes)].attributes


def _broken(name: str, expr: str) -> Iterator[tuple[str, str]]:
    if name.startswith("d"):
        yield "sign", f"-({expr})"
        yield "twice", f"2 * ({expr})"
    yield from variants(expr)


def _derive(op: Op, name: str, old: str, new: str) -> None:
    rule = op.adjoint

    def other(shapes: Any, attributes: Attributes) -> str:
        parts = {
            key: show(expr) for key, expr in parse_rule(text(rule, shapes, attributes)).items()
        }
        if parts.get(name) == old:
            parts[name] = new
        return ", ".join(f"{key} = {value}" for key, value in parts.items())

    replaced(op.name, "adjoint", other)


def promises() -> Iterator[Mutant]:
    """Operands whose array the result may take: one less, and one more."""
    for op in book().values():
        for name in op.overwritten:
            left = ", ".join(one for one in op.overwritten if one != name)
            change = partial(replaced, op.name, "overwrites", left)
            yield Mutant("overwrites", f"{op.name}: {name} is kept", change, op.name)
        for name in op.names if op.code and not op.variadic else []:
            if name not in op.overwritten:
                more = ", ".join([*op.overwritten, name])
                change = partial(replaced, op.name, "overwrites", more)
                yield Mutant("overwrites", f"{op.name}: {name} is taken", change, op.name)


def forms(field: str) -> Iterator[Mutant]:
    """Identities or stable forms: each left out, and each with another right side."""
    for op in book().values():
        whole = getattr(op, field)
        for place, form in enumerate(whole):
            left, right = form.split(" = ")
            others = [("left out", ())]
            others += [(f"-> {new}", (f"{left} = {new}",)) for _, new in _broken("d", right)]
            for told, new in others:
                value = (*whole[:place], *new, *whole[place + 1 :])
                change = partial(replaced, op.name, field, value)
                yield Mutant(field, f"{op.name}: {form}  {told}", change, op.name)

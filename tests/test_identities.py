"""What the rewriter simplifies where it is derived: each form, and what it becomes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from oracle import ORACLE

from graphc.book import book
from graphc.dataflow import Leaf, Node, Origin
from graphc.dims import shape_of
from graphc.draft import Draft
from graphc.language import parse_identity
from graphc.rewrite import Simplifier
from graphc.rules import Scope

# small letters are arrays, capital ones are scalars that no array has a part in
BECOMES = {
    "abs(-x)": "abs(x)",
    "abs(abs(x))": "abs(x)",
    "a + 0": "a",
    "0 + a": "a",
    "a + -b": "a - b",
    "-a + b": "b - a",
    "C + a": "a + C",
    "(a + C) + D": "a + (C + D)",
    "a / 1": "a",
    "(a * C) / D": "a * (C / D)",
    "(C / D) / E": "C / (D * E)",
    "-a / b": "-(a / b)",
    "inner(transpose(a, axes), transpose(b, axes))": "inner(a, b)",
    "a * 1": "a",
    "a * 0": "0",
    "a * -1": "-a",
    "C * (1 / D)": "C / D",
    "(C / D) * E": "(C * E) / D",
    "C * a": "a * C",
    "(a * C) * D": "a * (C * D)",
    "(a / C) * D": "a * (D / C)",
    "-a * C": "a * -C",
    "-a * -b": "a * b",
    "--a": "a",
    "-(a - b)": "b - a",
    "-(a * C)": "a * -C",
    "a ** 0": "1",
    "a ** 1": "a",
    "a ** 2": "square(a)",
    "a ** 0.5": "sqrt(a)",
    "a ** -1": "1 / a",
    "square(-x)": "square(x)",
    "square(abs(x))": "square(x)",
    "a - 0": "a",
    "0 - a": "-a",
    "a - -b": "a + b",
    "sum(sum(x, axis, keepdims))": "sum(x)",
    "sum(square(x))": "inner(x, x)",
    "sum(a * b)": "inner(a, b)",
    "sum(-x)": "-sum(x)",
    "sum(x * C)": "sum(x) * C",
}
GIVEN = {"axis": 1, "keepdims": False, "axes": (1, 0)}


@pytest.mark.parametrize("left", BECOMES)
def test_a_derived_form_becomes_the_simpler_one(left: str) -> None:
    draft = Simplifier("float64", ())
    draft.origin = Origin(backward=True)
    values = {
        name: draft.place(Node(-1, shape_of(2, 3), leaf=Leaf("input", name))) for name in "abx"
    }
    values |= {name: draft.place(Node(-1, (), leaf=Leaf("given", name))) for name in "CDE"}
    sides = []
    for side in parse_identity(f"{left} = {BECOMES[left]}"):
        sides.append(Scope(draft, values, GIVEN, {}, "float64").build(side))
    plain = Draft()
    given = {name: plain.place(draft[key]) for name, key in values.items()}
    whole = Scope(plain, given, GIVEN, {}, "float64").build(parse_identity(f"{left} = 0")[0])
    assert draft[sides[0]].shape == plain[whole].shape
    if draft[sides[0]].shape != draft[sides[1]].shape:
        spread = {"shape": draft[sides[0]].shape}
        sides[1] = draft.add(book().roles["spread"], (sides[1],), spread)
    assert sides[0] == sides[1]


@pytest.mark.parametrize("left", BECOMES)
def test_a_form_and_what_it_becomes_are_equal(left: str) -> None:
    random = np.random.default_rng(0)
    values = {name: random.uniform(0.5, 2, (2, 3)) for name in "abx"}
    values |= dict(zip("CDE", random.uniform(0.5, 2, 3), strict=True))
    names = ORACLE | GIVEN | values | {"inner": lambda a, b: np.sum(a * b)}
    ours, other = (np.asarray(eval(side, dict(names))) for side in (left, BECOMES[left]))
    assert_allclose(*np.broadcast_arrays(ours, other), rtol=1e-14)


def test_every_identity_is_held_against_what_it_should_be() -> None:
    known = {form for op in book().values() for form in op.identities}
    assert known == {f"{left} = {right}" for left, right in BECOMES.items()}

"""The mutants that `python -m tests.mutation` runs the tests on: what is broken, and how."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from graphc.book import book
from tests.mutation.conditions import FILES, conditions
from tests.mutation.equivalents import EQUIVALENT
from tests.mutation.records import derivatives, forms, promises
from tests.mutation.variants import variants


def test_an_expression_is_broken_in_every_way() -> None:
    found = {new: way for way, new in variants("dy * (a - 1) / maximum(b, 0)")}
    assert found == {
        "dy * (a - 1)": "left",
        "maximum(b, 0)": "right",
        "maximum(b, 0) / (dy * (a - 1))": "swapped",
        "dy / maximum(b, 0)": "left",
        "(a - 1) / maximum(b, 0)": "right",
        "dy * (a - 1) / b": "inner",
        "dy * a / maximum(b, 0)": "left",
        "dy * 1 / maximum(b, 0)": "right",
        "dy * (1 - a) / maximum(b, 0)": "swapped",
        "dy * (a - 2) / maximum(b, 0)": "more",
        "dy * (a - 1) / maximum(b, 1)": "more",
    }


def test_there_are_mutants_of_every_rule_and_file() -> None:
    rules = [*derivatives(), *promises(), *forms("identities"), *forms("stable")]
    assert {one.op for one in rules if one.kind == "adjoint"} == {
        op.name for op in book().values() if op.adjoint
    }
    code = [(one.kind, one.text) for one in conditions()]
    for kind, name in [(kind, name) for kind, names in FILES.items() for name in names]:
        assert [text for of, text in code if of == kind and text.startswith(f"{name}.")]
    known = {one.text for one in rules} | {text for _, text in code}
    assert EQUIVALENT.keys() <= known  # what is no mutant any more is not listed

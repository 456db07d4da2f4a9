"""Random models of everything there is, each held against itself in other ways."""

from __future__ import annotations

from typing import Any

import pytest
from differential import CHECKS, PRECISIONS, Twins, named, offered
from random_networks import Network

FEW, MANY = 100, 2000
TOGETHER = 10  # models of one test


def pytest_generate_tests(metafunc: Any) -> None:
    """More models, and larger ones, in a long run."""
    if "start" in metafunc.fixturenames:
        count = MANY if metafunc.config.getoption("--long") else FEW
        metafunc.parametrize("start", range(0, count, TOGETHER))


def test_models_hold_in_every_way(start: int, pytestconfig: pytest.Config) -> None:
    small = not pytestconfig.getoption("--long")
    for number in range(start, start + TOGETHER):
        twins = Twins(Network(number, small).text, number)
        for check in CHECKS:
            if check is PRECISIONS and small and number % 2:
                continue
            try:
                check(twins)
            except Exception as error:
                error.add_note(f"model {number}, {check.__name__}:\n{twins.text}")
                raise


def test_everything_that_is_offered_is_met() -> None:
    met = {word for number in range(MANY) for word in named(Network(number).text)}
    assert offered() - met == set()

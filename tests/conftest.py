"""Options of the test run: how long random tests may take; and what several files need."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

# each worker has one core: threads of a matrix product would wait for one another
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# tests of the commands beside them; the package itself is the one that is installed
sys.path.append(str(Path(__file__).resolve().parent.parent))

import pytest
from hypothesis import HealthCheck, Phase, settings


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long`: random tests on many fresh examples; `--update-…`: expected files written anew."""
    parser.addoption("--long", action="store_true", help="random tests on many fresh examples")
    parser.addoption("--update-golden", action="store_true", help="write `golden/` anew")
    parser.addoption("--update-bad", action="store_true", help="write the messages of `bad/` anew")
    parser.addoption("--update-docs", action="store_true", help="write what docs quote anew")


def pytest_configure(config: pytest.Config) -> None:
    """The same examples in every run, unless it is a long one."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    common = settings(deadline=None, suppress_health_check=slow)
    quick = (Phase.explicit, Phase.generate)
    settings.register_profile(
        "short", common, max_examples=60, derandomize=True, database=None, phases=quick
    )
    settings.register_profile("long", common, max_examples=6000)
    settings.load_profile("long" if config.getoption("--long") else "short")


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, there is time for a teacher's looks."""
    from graphc.training import teacher

    monkeypatch.setattr(teacher, "FREE", math.inf)

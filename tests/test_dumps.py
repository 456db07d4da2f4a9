"""Every stage of the compiler on one small model, line by line, as `--dump` shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import graphc
from graphc.dump import dumped
from graphc.pipeline import STAGES

ROOT = Path(__file__).parent
GOLDEN = ROOT / "golden" / "circuit"


def dumps() -> dict[str, str]:
    found: dict[str, str] = {}

    def take(stage: str, value: Any) -> None:
        found[stage] = dumped(value).rstrip() + "\n"

    graphc.compile_file(ROOT.parent / "examples" / "circuit.nn", on_stage=take)
    return found


def test_every_stage_is_shown() -> None:
    assert list(dumps()) == list(STAGES)


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "emit"])
def test_the_stage_is_as_it_was(stage: str, request: pytest.FixtureRequest) -> None:
    text, path = dumps()[stage], GOLDEN / f"{stage}.txt"
    if request.config.getoption("--update-golden", default=False):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")

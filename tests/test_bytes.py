"""How many bytes the planner gets by with: of each example, and of some random models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from random_networks import Network
from systems import EXAMPLES

import graphc
from graphc.model import Model

GOLDEN = Path(__file__).parent / "golden" / "bytes.json"
NAMES = [*sorted(path.stem for path in EXAMPLES.glob("*.nn")), *map(str, range(24))]


def needed(model: Model) -> list[str]:
    """Bytes of a step, of a prediction, and of a trainer, by the run-time sizes."""
    return [str(model.step), str(model.prediction), str(model.held)]


@pytest.mark.parametrize("name", NAMES)
def test_a_model_takes_no_more_bytes_than_it_did(name: str, request: pytest.FixtureRequest) -> None:
    if name.isdigit():
        found = needed(graphc.compile_text(Network(int(name)).text).model)
    else:
        found = needed(graphc.compile_file(EXAMPLES / f"{name}.nn").model)
    known = json.loads(GOLDEN.read_text(encoding="utf-8"))
    if request.config.getoption("--update-golden"):
        known[name] = found
        lines = [f"  {json.dumps(one)}: {json.dumps(known[one])}" for one in sorted(known)]
        GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    # `pytest -n 0 --update-golden` writes them anew; the difference is for the review
    assert found == known[name]

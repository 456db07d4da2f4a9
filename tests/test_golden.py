"""Three examples as they are emitted, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from systems import EXAMPLES

import graphc

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["xor", "circuit", "columns"])
def test_the_module_is_as_it_was(name: str, request: pytest.FixtureRequest) -> None:
    source, path = graphc.compile_file(EXAMPLES / f"{name}.nn").source, GOLDEN / f"{name}.py"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(source.encode())
    # `pytest --update-golden` writes them anew; the difference is for the review
    assert source == path.read_bytes().decode()

"""The catalogue of mistakes: each file in `bad/` and the whole message that it must give.

`pytest --update-bad` writes the messages anew; read the difference before it is committed.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import graphc
from graphc.compiled import compile_opened
from graphc.errors import CODES
from graphc.opening import opened

FOLDER = Path(__file__).parent / "bad"
CASES = sorted(path.stem for path in FOLDER.glob("*.nn"))


def told(name: str) -> tuple[str, bool]:
    """All that is told of a case, and whether it was refused."""
    path = FOLDER / f"{name}.nn"
    try:
        compiled = compile_opened(opened(path, path.name))
    except graphc.CompileError as error:
        return re.sub(r"(?<=--> ).*/(?=\w+\.nn:)", "", str(error)), True
    return "\n\n".join(map(str, compiled.warnings)), False


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, request: pytest.FixtureRequest) -> None:
    """A mistake is refused, a warning is not, and what is told is what stands in the catalogue."""
    message, refused = told(name)
    assert refused is not name.startswith("warn_")
    expected = FOLDER / f"{name}.expected"
    if request.config.getoption("--update-bad"):
        expected.write_text(f"{message}\n", encoding="utf-8")
    assert f"{message}\n" == expected.read_text(encoding="utf-8")


def test_every_code_has_a_case() -> None:
    """Nothing is defined that no case shows, and nothing is shown that is not defined."""
    texts = [(FOLDER / f"{name}.expected").read_text(encoding="utf-8") for name in CASES]
    shown = {code for text in texts for code in re.findall(r"^\w+\[(\w+)\]:", text, re.MULTILINE)}
    assert shown == set(CODES)


def test_no_message_without_case() -> None:
    """Every `.expected` belongs to a `.nn`."""
    assert {path.stem for path in FOLDER.glob("*.expected")} == set(CASES)

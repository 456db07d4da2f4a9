"""The catalogue of mistakes: each file in `bad/` and the whole message that it must give.

`pytest --update-bad` writes the messages anew; read the difference before it is committed.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import graphc
from graphc.book import book
from graphc.compiled import compile_opened
from graphc.errors import CODES
from graphc.library import prelude
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


def test_no_message_speaks_of_an_operation_that_was_not_written() -> None:
    """What an error says is said of the user's words, not of what a block is made of."""
    library, ops = prelude(), book().public
    arguments = {name for op in ops for name in (*op.names, *op.attributes)}
    callable_ = {*library.blocks, *library.updates, *(op.name for op in ops)} - arguments
    imported = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("imported/*.nn"))
    for name in CASES:
        text = (FOLDER / f"{name}.nn").read_text(encoding="utf-8", errors="replace") + imported
        told_ = (FOLDER / f"{name}.expected").read_text(encoding="utf-8")
        for head in re.findall(r"^(?:error|warning)\[.*", told_, re.MULTILINE):
            named = {
                word for part in re.findall("`.*?`", head) for word in re.findall(r"\w+", part)
            }
            assert named & callable_ <= set(re.findall(r"\w+", text)), (name, head)


def test_every_code_has_a_case() -> None:
    """Nothing is defined that no case shows, and nothing is shown that is not defined."""
    texts = [(FOLDER / f"{name}.expected").read_text(encoding="utf-8") for name in CASES]
    shown = {code for text in texts for code in re.findall(r"^\w+\[(\w+)\]:", text, re.MULTILINE)}
    assert shown == set(CODES)


def test_no_message_without_case() -> None:
    """Every `.expected` belongs to a `.nn`."""
    assert {path.stem for path in FOLDER.glob("*.expected")} == set(CASES)

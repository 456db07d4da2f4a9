"""The tutorial does what it says: every command of it is run, and its output compared."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from documents import BLOCK, agree, renewed, write_files

EXAMPLES = Path(__file__).parent.parent / "examples"
TUTORIAL = EXAMPLES / "tutorial.md"
TEXT = TUTORIAL.read_text(encoding="utf-8")
CHAPTERS = re.split(r"^(?=## )", TEXT, flags=re.MULTILINE)


def read(place: int, folder: Path) -> str:
    """A chapter as it should be, read in a folder with the files of the chapters before it."""
    folder.mkdir()
    (folder / "examples").symlink_to(EXAMPLES)
    write_files("".join(CHAPTERS[: place + 1]), folder)
    return renewed(CHAPTERS[place], folder)


def test_every_command_prints_what_the_tutorial_shows(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folders = [tmp_path / str(place) for place in range(len(CHAPTERS))]
    with ThreadPoolExecutor(2) as readers:
        new = "".join(readers.map(read, range(len(CHAPTERS)), folders))
    if request.config.getoption("--update-docs"):
        TUTORIAL.write_text(new, encoding="utf-8")
    else:
        assert new == TEXT, "pytest tests/test_tutorial.py --update-docs"
    assert "Traceback" not in new

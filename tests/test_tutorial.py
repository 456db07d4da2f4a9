"""The tutorial does what it says: every command of it is run, and its output compared."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from documents import agree, renewed, write_files

from graphc import compile_text
from graphc.formatting import formatted
from graphc.opening import opened

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


def test_only_the_last_digits_of_what_is_computed_may_differ() -> None:
    assert agree("epoch 3  loss 0.5   p = 7e-15\n", "epoch 3 loss 0.505 p = -2e-14\n")
    assert not agree("loss 0.5", "loss 0.52")
    assert not agree("3 rows", "4 rows")
    assert not agree("gradient agrees", "gradient differs")


def test_the_models_are_in_their_one_layout_and_give_no_warning(tmp_path: Path) -> None:
    write_files(TEXT, tmp_path)
    models = sorted(tmp_path.glob("*.nn"))
    assert len(models) > 8
    for model in models:
        text = model.read_text(encoding="utf-8")
        assert formatted(opened(model)) == text
        assert not compile_text(text).warnings

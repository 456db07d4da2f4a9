"""`graphc error`: a page for every code, whose examples are what they are said to be."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner

from graphc.cli import graphc as command
from graphc.commands.error import PAGES, Page, told
from graphc.errors import CODES


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_page_shows_one_mistake_and_its_mend(code: str) -> None:
    """The wrong model has this mistake and no other, the right one none, warnings included."""
    _, wrong, _, right = Page(code).parts
    assert {one.code for one in told(wrong)} == {code}
    assert not told(right)


@pytest.mark.parametrize("code", CODES)
def test_a_page_fits_a_terminal(code: str) -> None:
    result = CliRunner().invoke(command, ["error", code.lower()])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == f"{code}: {CODES[code]}"
    assert max(map(columns, lines)) <= 80
    assert f"[{code}]: " in result.output


def columns(line: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in line)


def test_a_page_has_two_to_five_sentences() -> None:
    for code in CODES:
        meaning = Page(code).parts[0]
        assert 2 <= meaning.replace("\n", " ").count(". ") + 1 <= 5, code


def test_a_page_from_top_to_bottom() -> None:
    assert CliRunner().invoke(command, ["error", "E0602"]).output == SHOWN


SHOWN = """\
E0602: a loss that is not a scalar

A loss is a single number, because only of a single number can one say that it
becomes smaller. Here it is an array, mostly one error for each row of the
batch. The mean makes one number of it; so does the sum, which grows with the
batch.

For example:

    input  x : [batch, 2]
    target y : [batch, 1]
    p = x |> dense(1)
    output p
    loss square(p - y)

graphc says:

error[E0602]: the loss must be one number, and `square(p - y)` is [batch, 1]
 --> model.nn:5:6
  |
5 | loss square(p - y)
  |      ^^^^^^^^^^^^^
  = help: take its mean or its sum: `loss mean(...)`

The mean is one number.

    input  x : [batch, 2]
    target y : [batch, 1]
    p = x |> dense(1)
    output p
    loss mean(square(p - y))
"""


def test_a_page_shows_the_files_that_its_models_import() -> None:
    output = CliRunner().invoke(command, ["error", "E0903"]).output
    for name in ("there.nn", "back.nn", "square.nn", "halved.nn"):
        assert f"\n{name}:\n\n    " in output


def test_without_a_code_all_are_listed() -> None:
    result = CliRunner().invoke(command, ["error"])
    assert result.exit_code == 0
    assert result.output.splitlines() == [f"{code}  {title}" for code, title in CODES.items()]


@pytest.mark.parametrize(
    ("code", "hint"),
    [("E301", "did you mean E0301?"), ("shapes", "`graphc error` lists all")],
)
def test_an_unknown_code_is_refused(code: str, hint: str) -> None:
    result = CliRunner().invoke(command, ["error", code])
    assert result.exit_code == 2
    assert result.stderr == f"graphc: there is no error or warning `{code}`; {hint}\n"


def test_check_names_the_first_error_once(tmp_path: Path) -> None:
    found = {"warned.nn": "W0806", "wrong.nn": "E0601", "sound.nn": ""}
    for name, code in found.items():
        wrong, right = Page(code or "E0601").parts[1::2]
        (tmp_path / name).write_text(wrong if code else right)
    told = []
    for names in (["sound.nn"], ["warned.nn"], [*found]):
        files = [str(tmp_path / name) for name in names]
        told.append(CliRunner().invoke(command, ["check", *files]).output.splitlines()[-1])
    assert told == [
        "1 file: no errors, no warnings",
        "1 file: no errors, 1 warning; `graphc error W0806` tells more",
        "3 files: 1 error, 1 warning; `graphc error E0601` tells more",
    ]


def test_help_names_the_command() -> None:
    assert "\n  error " in CliRunner().invoke(command, ["--help"]).output

"""`graphc fmt`: one layout, in which a model means what it meant and nothing is lost."""

from __future__ import annotations

import os
import re
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from random_networks import Network

from graphc.cli import graphc as command
from graphc.errors import CompileError, Report
from graphc.formatting import formatted
from graphc.language import words
from graphc.printing import statement
from graphc.source import Source
from graphc.syntax import parse

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.nn"))
PRELUDE = sorted((ROOT / "graphc" / "prelude").glob("*.nn"))
RAGGED = """\ufeff

# a model
nn   1 # the language
input x:[batch,4]
target label:int[batch]
#why
param W:[4,-2+5]=he_normal
param bias:[3]=zeros frozen # not trained
const k=[ [1,2 ,3,],]


z=x@W+bias -  ( -1 )*k.T
h = relu ( z )
    |> clip( -1,high=1e3 )|>scale
block scale(a,by=2){ param g:[_]=ones

# doubles
return a*by*g }
loss(cross_entropy(h,label)) # last\r
"""
TIDY = """\
# a model
nn 1                                     # the language
input  x     : [batch, 4]
target label : int[batch]
# why
param W    : [4, -2 + 5] = he_normal
param bias : [3]         = zeros frozen  # not trained
const k                  = [[1, 2, 3]]

z = x @ W + bias - (-1) * k.T
h = relu(z)
    |> clip(-1, high = 1e3) |> scale

block scale(a, by = 2) {
    param g : [_] = ones

    # doubles
    return a * by * g
}

loss (cross_entropy(h, label))           # last
"""
LONG = """\
loss mse(a_long_name_of_a_value, another_long_name_of_a_value) + 0.01 * (l2(first_weights) + l2(
second_weights) # of all
+ l2(third_weights_which_are_long))
"""
BROKEN = """\
loss mse(a_long_name_of_a_value, another_long_name_of_a_value) + 0.01 * (
    l2(first_weights)
    + l2(second_weights)  # of all
    + l2(third_weights_which_are_long)
)
"""


def meaning(text: str) -> list[str]:
    """The statements of a text, each as it is printed from the tree."""
    report = Report()
    file = parse(Source(text), report)
    assert not report.found
    return [statement(one) for one in (*file.imports, *file.definitions, *file.statements)]


def remarks(text: str) -> list[str]:
    return [re.sub(r"[\s#]", "", one) for one in re.findall(r"#.*", text)]


def tidied(text: str) -> str:
    """The text in its layout, once it is seen that nothing is lost by that."""
    found = formatted(Source(text))
    assert formatted(Source(found)) == found
    assert meaning(found) == meaning(text)
    assert sorted("".join(remarks(found))) == sorted("".join(remarks(text)))
    return found


@pytest.mark.parametrize("path", [*EXAMPLES, *PRELUDE], ids=lambda path: path.stem)
def test_what_ships_is_in_its_layout(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert tidied(text) == text


def test_a_ragged_model() -> None:
    assert tidied(RAGGED.removeprefix("\ufeff")) == TIDY


def test_a_long_statement_is_broken_at_brackets_and_operators() -> None:
    assert tidied(LONG) == BROKEN


@pytest.mark.parametrize("seed", range(60))
def test_models_whose_words_stand_anywhere(seed: int) -> None:
    """Other spaces give the same layout; comments at random places are kept."""
    random, text = Random(seed), Network(seed).text
    found = tidied(text)
    pieces, end, depth = [], 0, 0
    for token in words(text):
        pieces.append(
            random.choice(["", " ", "\t "]) if text[end : token.start_pos] == "" else "  "
        )
        if depth and random.random() < 0.05:
            pieces.append(random.choice(["\n", f" # note {end}\n", f"\n#note {end}\n"]))
        depth += (token in "([") - (token in ")]")
        if token.type == "NEWLINE" and random.random() < 0.1:
            pieces.append(f" # behind {end}")
        pieces.append(str(token))
        end = token.end_pos or 0
    ragged = "".join(pieces)
    assert [str(one) for one in words(found) if one.type != "NEWLINE"] == [
        str(one) for one in words(text) if one.type != "NEWLINE"
    ]
    again = tidied(ragged)
    if "#" not in ragged:
        assert again == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("loss sum(0.5 .T)", "loss sum(0.5 .T)\n"),
    ],
)
def test_what_stands_apart(text: str, found: str) -> None:
    assert tidied(text) == found


def test_what_does_not_parse_is_told_and_left() -> None:
    with pytest.raises(CompileError, match="E0103"):
        formatted(Source("loss mse(p,, y)"))


def run(*arguments: str, text: str | None = None) -> tuple[int, str]:
    done = CliRunner().invoke(command, ["fmt", *arguments], input=text)
    return done.exit_code, done.output


def test_the_command(tmp_path: Path) -> None:
    model, wrong = tmp_path / "m.nn", tmp_path / "w.nn"
    model.write_text("param a:[]=1\nloss   a")
    wrong.write_text("loss")
    assert run(str(model), "--check") == (1, f"{model} would change\n")
    assert run(str(model), "--diff")[1].splitlines()[3:] == [
        *("-param a:[]=1", "-loss   a", "+param a : [] = 1", "+loss a")
    ]
    assert model.read_text() == "param a:[]=1\nloss   a"
    code, told = run(str(wrong), str(model))
    assert code == 1
    assert "error[E0103]" in told
    assert f"wrote {model}\n" in told
    assert model.read_text() == "param a : [] = 1\nloss a\n"
    assert run(str(model)) == (0, "1 file: nothing to change\n")
    assert run(str(model), "--check") == (0, "1 file: nothing to change\n")
    assert wrong.read_text() == "loss"


def test_a_difference_that_no_line_shows_is_told(tmp_path: Path) -> None:
    model = tmp_path / "model.nn"
    model.write_bytes(b"param a = 1\r\nloss a\r\n")
    told = f"{model} would change: in its line ends or its byte order mark\n"
    assert run(str(model), "--diff") == (1, told)
    assert run(str(model))[0] == 0
    assert model.read_bytes() == b"param a = 1\nloss a\n"


def test_a_protected_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "model.nn"
    model.write_text("loss   1")
    # root may write everywhere
    monkeypatch.setattr("os.access", lambda path, mode: mode != os.W_OK)
    assert run(str(model)) == (2, f"graphc: {model}: is write-protected\n")
    assert model.read_text() == "loss   1"


def test_a_pipe() -> None:
    assert run("-", text="loss   a") == (0, "loss a\n")
    assert run("-", "--check", text="loss   a") == (1, "<standard input> would change\n")
    assert run("-", "--check", text="loss a\n") == (0, "1 file: nothing to change\n")

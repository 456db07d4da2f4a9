"""Hostile files: whatever stands in them, they are refused or compiled, and soon."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from checked import ROOTS, codes
from click.testing import CliRunner

import graphc
from graphc.cli import graphc as command
from graphc.errors import CompileError, Report
from graphc.language import words
from graphc.misread import FORMS

FORMED = [one.replace("...", "a") for form in FORMS.values() for one in form.split("` or `")]


@pytest.mark.parametrize("form", FORMED)
def test_a_statement_that_ends_anywhere(form: str) -> None:
    """Each form of a statement, cut off behind each of its words or followed by a stray one."""
    for token in words(form):
        for stray in ("", " ]", " {", " x", " 'x", ' "x"', " 1", " frozen", " |>"):
            assert codes(form[: token.end_pos] + stray)


def test_a_path_whose_first_name_python_would_mangle() -> None:
    text = "input x : [batch, 3]\n__x = x |> dense(2)\n_1 = __x |> dense(1)\n"
    text += "output _1\nloss mean(_1)\n"
    trainer = graphc.compile_text(text).load().Trainer()
    trainer.step([[1, 2, 3]])
    assert list(trainer.params) == ["__x.W", "__x.b", "_1.W", "_1.b"]


SQUARED = "reshape(reshape({0}, [-1, 1]) @ reshape({0}, [1, -1]), [-1])"


def powers(first: str, times: int) -> str:
    """A size squared over and over: 2 ** 30 factors, or as many terms."""
    steps = "".join(f"v{i + 1} = {SQUARED.format(f'v{i}')}\n" for i in range(times))
    return f"{first}\n{steps}param w = 1\np = v{times} * w\n{ROOTS}"


DATA = "".join(f"input x{i} : [n{i}]\n" for i in range(20))
JOINED = f"concat({', '.join(f'x{i}' for i in range(20))}, axis = 0)"
SIZES = {
    "of many factors": powers("input x : [n]\nv0 = x", 30),
    "of many terms": powers(f"{DATA}v0 = {JOINED}", 30),
    "found out later": powers(f"{DATA}param u : [_] = ones\nv0 = u\nq = u * {JOINED}", 4),
    "of many axes": f"input x : [{', '.join(f'a{i} + b{i}' for i in range(32))}]\n"
    f"param w = 1\np = x * w\n{ROOTS}",
    "that doubles": "input v0 : [batch, n]\n"
    + "".join(f"v{i + 1} = concat(v{i}, v{i}, axis = 1)\n" for i in range(90))
    + f"param w = 1\np = v90 * w\n{ROOTS}",
}


@pytest.mark.parametrize("size", SIZES)
def test_a_size_that_grows_beyond_all_bounds(size: str) -> None:
    assert "E0308" in codes(SIZES[size])


def told(text: str) -> str:
    with pytest.raises(CompileError) as refused:
        graphc.compile_text(text)
    return str(refused.value)


def test_a_text_that_is_too_long() -> None:
    """Of as many bytes as a file may have, and no more words than are soon read."""
    assert "--> model.nn:1:1\n" in told("# \u00e9\n" * 3_400_000)
    words = "# a comment\nw = 0.5\n" * 200_000
    assert codes(words.replace("w", "a b")) == ["E0906"]
    assert codes(f"param w = 1\np = w * 1\n{ROOTS}".ljust(1_200_000)) == []
    text = "#\n" * 999_997 + "a = b + c"
    assert "--> model.nn:999998:7\n" in told(text)


def test_errors_beyond_those_that_are_told(tmp_path: Path) -> None:
    assert len(codes("= \n" * 1_000)) == 1_000
    assert not told("= \n" * 1_000).endswith("errors")
    ending = "\n\nthat is all that is told: there are more than 1,000 errors"
    assert told("= \n" * 1_001).endswith(ending)
    model = tmp_path / "model.nn"
    model.write_text("= \n" * 5_000)
    result = CliRunner().invoke(command, ["check", str(model)])
    assert "\n... and 970 or more\n\n1 file: at least 1,000 errors, no warnings;" in result.output


def test_names_are_not_looked_for_among_many_for_ever() -> None:
    report, names = Report(), ["name", *(f"of another length {i}" for i in range(99_999))]
    assert [bool(report.nearest("nam", names)) for _ in range(3)] == [True, True, False]
    report = Report()
    assert [bool(report.nearest("nam", names[:1])) for _ in range(51)] == [True] * 50 + [False]


Maker = Callable[[int], str]


def imported(folder: Path, first: str, text: Maker, number: int) -> str:
    """What is told of a model that imports some files."""
    for i in range(number):
        (folder / f"f{i}.nn").write_text(text(i))
    model = folder / "model.nn"
    model.write_text(f"{first}\nparam w = 1\np = w * 2\n{ROOTS}")
    try:
        graphc.compile_file(model)
    except CompileError as error:
        return str(error)
    return ""


def test_chains_of_imports(tmp_path: Path) -> None:
    """Each file is read once, however many ways lead there; a chain too long is told."""
    chain = 'import "f0.nn"'
    twice = imported(
        tmp_path, chain, lambda i: f'import "f{i + 1}.nn"\nimport "f{min(i + 2, 90)}.nn"', 90
    )
    assert "f90.nn" in twice
    assert imported(tmp_path, chain, lambda i: f'import "f{i + 1}.nn"' * (i < 90), 91) == ""
    told = imported(tmp_path, chain, lambda i: f'import "f{(i + 1) % 2000}.nn"', 2000)
    assert told.count("E0901") == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_an_import_of_a_pipe_does_not_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.nn")
    assert "not a file" in imported(tmp_path, 'import "pipe.nn"', str, 0)


def test_what_is_told_of_a_long_import_is_short(tmp_path: Path) -> None:
    for name in ("a" * 100_000, f"../{'a' * 100_000}"):
        assert len(imported(tmp_path, f'import "{name}"', str, 0)) < 1_000


def updated(rules: str) -> str:
    """A model with an update of its own."""
    return f"param w = 1\np = w * 1\n{ROOTS}update u() {{\n{rules}\n}}\noptimizer u()\n"


def test_deep_rules_of_an_update() -> None:
    for value in (f"{'tanh(' * 450}gradient{')' * 450}", "gradient" + " + gradient" * 3_000):
        assert codes(updated(f"parameter' = parameter - {value}")) == []


@pytest.mark.parametrize(("number", "expected"), [(98, []), (3_000, ["E0906"])])
def test_rules_that_wait_for_one_another(number: int, expected: list[str]) -> None:
    states = "\n".join(f"state s{i} = 0" for i in range(number + 1))
    chain = "\n".join(f"s{i}' = s{i - 1}' + 1" for i in range(number, 0, -1))
    rules = f"{states}\n{chain}\ns0' = gradient\nparameter' = parameter - s{number}'"
    assert codes(updated(rules)) == expected


def test_lines_of_which_much_is_told() -> None:
    """The time that it takes grows with the text, not with its square."""
    start = time.process_time()
    outputs = f"param w = 1\noutput {'w, ' * 3_000}w\nloss w\n"
    assert codes(outputs) == ["E0203"] * 1_000
    with pytest.raises(CompileError):
        graphc.compile_text(outputs)
    assert codes(f"{'#x ' * 1_000_000}\n{updated('')}") == ["E0905"]
    assert time.process_time() - start < 30


SIZES_OF_LONG_NAMES = ", ".join(f"{'n' * 90}{i}" for i in range(12))
LONG = {
    "E0301": f"input x : [{SIZES_OF_LONG_NAMES}]\nparam W : [2, 3] = ones\np = W @ x\n{ROOTS}",
    "E0307": f"input x : [{SIZES_OF_LONG_NAMES}]\nparam W : [2, 3] = ones\n"
    f"p = embedding(x, W)\n{ROOTS}",
}


@pytest.mark.parametrize("code", LONG)
@pytest.mark.parametrize("file", ["f" * 3_000, f"{'folder/' * 20}model.nn"])
def test_what_is_drawn_of_long_names_and_paths_is_short(code: str, file: str) -> None:
    with pytest.raises(CompileError) as caught:
        graphc.compile_text(LONG[code], file)
    assert code in {one.code for one in caught.value.diagnostics}
    lines = str(caught.value).split("\n")
    assert max(map(len, lines)) < (800 if code == "E0301" else 250)
    places = [line for line in lines if line.lstrip().startswith("-->")]
    assert places
    assert max(map(len, places)) < 220
    assert all(file[-30:] in line for line in places)  # the end tells which file it is
    assert all(file in line for line in places) is (len(file) < 190)

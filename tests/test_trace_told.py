"""`graphc trace` in a terminal: what is shown of a model, and what is refused in plain words."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from traces import DROPOUT, EXAMPLES, FILES, data_of, run

from graphc.cli import graphc
from graphc.traced.numbers import lines

SEED = [EXAMPLES / "seed.nn", "--data", EXAMPLES / "seed.csv"]
XOR = EXAMPLES / "xor.nn"
ALICE = [EXAMPLES / "alice.nn", "--data", EXAMPLES / "alice.npz"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_example_reads_well_at_80_columns(file: Path) -> None:
    data = data_of(file)
    result = run(file, *(["--data", data] if data else []))
    assert result.exit_code == 0, result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_a_net_needs_no_file_of_data() -> None:
    told = run(XOR, "--set", "x=[1, 0]", "--set", "y=1").output
    assert re.search(r"^  10  x : \[1, 2\] +1  0$", told, re.MULTILINE)
    assert re.search(r"^  11  y : \[1, 1\] +1$", told, re.MULTILINE)
    both = run(XOR, "--set", "x=[[1, 0], [0, 0]]", "--set", "y=[[1], [0]]", "x").output
    assert "x : [2, 2]" in both
    filled = run(XOR, "--set", "x=1", "--set", "y=0", "--set", "W2=0.5", "W2", "b1").output
    assert len(re.findall(r" 0\.5(?= |$)", filled, re.MULTILINE)) == 8
    assert "b1 : [8]" in filled


def test_a_list_of_numbers_is_rows_of_one_each() -> None:
    told = run(XOR, "--set", "x=[[1, 0], [0, 0], [1, 1]]", "--set", "y=[1, 0, 0]").output
    assert "y : [3, 1]" in told
    assert told.startswith("xor.nn: 3 rows forward and back. ")
    assert run(XOR, "--set", "x=1", "--set", "y=[1]").output.startswith("xor.nn: one example ")


NET = """\
input x : [batch, 2]
target y : [batch, 1]
param W1 : [2, 4] = [[0.1, 0.2, -0.5, 0.31], [0.3, -0.4, 0.7, -0.25]]
param W2 : [4, 1] = [[0.5], [-0.6], [0.25], [0.75]]
h = tanh(x @ W1)
loss mse(h @ W2, y)
"""
ROWS = ["--set", "x=[[0.5, -1], [1, 2], [-0.3, 0.8]]", "--set", "y=[1, 0, 1]"]


def below(told: str, name: str) -> str:
    """What a table tells from a name on, without its shape, to the next empty line."""
    found = re.split(rf"^ +\d+  {name} [^\[]*\[[^]]*\]", told, maxsplit=1, flags=re.MULTILINE)
    return found[1].partition("\n\n")[0]


@pytest.mark.parametrize("names", [[], ["W1", "W2", "h"]], ids=["all", "named"])
def test_small_arrays_are_whole_with_their_gradients(names: list[str], tmp_path: Path) -> None:
    file = tmp_path / "net.nn"
    file.write_text(NET)
    told = run(file, *ROWS, *names).output
    assert "mean " not in told
    assert max(map(len, told.splitlines())) <= 80
    for name, count in {"W1": 16, "W2": 8, "h": 24}.items():
        numbers = re.sub(r"^ +d?\w+ = .*$", "", below(told, name), flags=re.MULTILINE)
        found = re.findall(r"(?<= )-?\d[\d.e-]*(?= |$)", numbers, re.MULTILINE)
        assert len(found) == count, (name, found)


def test_a_column_is_one_line_or_a_column() -> None:
    column = np.array([[-0.0973], [0.0974], [-0.0554]])
    assert lines(column, 25) == ["-0.0973   0.0974  -0.0554"]
    assert lines(column, 24) == ["-0.0973", " 0.0974", "-0.0554"]
    assert lines(column.T, 24) == ["-0.0973   0.0974", "-0.0554"]


def test_a_wide_terminal_is_used(tmp_path: Path) -> None:
    file = tmp_path / "net.nn"
    file.write_text(NET)
    words = ["trace", str(file), *ROWS, "W1"]
    told = CliRunner().invoke(graphc, words, env={"COLUMNS": "120"}).output
    (row,) = [line for line in told.splitlines() if "W1 : [2, 4]" in line]
    assert len(re.findall(r"(?<= )-?\d[\d.]*(?= |$)", row.partition("]")[2])) == 8


def test_a_larger_array_is_whole_where_it_is_asked_for() -> None:
    digits = [EXAMPLES / "digits.nn", "--data", EXAMPLES / "digits.npz"]
    assert "mean " in below(run(*digits).output, "b1")
    assert "mean " in below(run(*digits, "b1").output, "b1")  # 128 numbers
    assert "mean " not in below(run(*digits, "b2").output, "b2")


def test_what_is_set_takes_the_place_of_the_file() -> None:
    told = run(*SEED, "--row", "3", "--set", "a=1", "a").output
    assert re.search(r"a : \[1, 1\] +1$", told, re.MULTILINE)


def test_only_the_names_that_are_given_are_shown() -> None:
    told = run(*SEED, "y", "W3").output
    assert "W3 : [3, 1]" in told
    assert "sigmoid(x @ W1)" in told
    assert not re.search("W[12] :", told)
    assert "dW3 = z.T @ du3" in told


def test_large_arrays_are_summed_up_and_small_ones_whole() -> None:
    digits = [EXAMPLES / "digits.nn", "--data", EXAMPLES / "digits.npz"]
    assert re.search(r"W1 : \[64, 128\] +-0\.\d+ to 0\.\d+, ", run(*digits, "W1").output)
    bias = run(*digits, "b3").output
    assert bias.count("  0") >= 10


def test_data_has_no_gradient_which_is_said_once() -> None:
    told = run(*SEED).output
    assert told.count("x and a are data: no gradient is computed for them.") == 1
    assert re.search(r"x : \[1, 3\]( +[01]){3}$", told, re.MULTILINE)


def test_what_evaluation_computes_otherwise_is_told(tmp_path: Path) -> None:
    file = tmp_path / "drop.nn"
    file.write_text(DROPOUT)
    told = run(file, "--set", "x=1", "--set", "y=0").output
    assert "It is run as a training step is; evaluation computes some of it otherwise." in told
    assert "training" not in run(*SEED).output


def test_blocks_of_large_models_are_closed_until_they_are_asked_for() -> None:
    closed, opened = run(*ALICE).output, run(*ALICE, "--expand", "dense").output
    assert "h.1 =" in closed
    assert "--expand all" in closed
    assert "h.1.dense1" not in closed
    assert "logits.W" in opened
    asked = run(*ALICE, "h.1.dense1.W").output
    assert "from h.1.layer_norm2 @" in asked


REFUSED = {
    "no data": ([XOR], 2, "needs x [batch, 2], y [batch, 1]: give --data FILE --row N, or --set"),
    "half of it": ([XOR, "--set", "x=[1, 0]"], 2, "needs y [batch, 1]: give --data"),
    "no such row": ([*SEED, "--row", "900"], 1, "has 8 rows: there is no row 900"),
    "row 0": ([*SEED, "--row", "0"], 2, "0 is not in the range x>=1"),
    "a row of nothing": ([XOR, "--row", "2"], 2, "--row says what to take of a file of data"),
    "columns of nothing": ([XOR, "--columns", "x=a,b"], 2, "--columns says what to take"),
    "data for none": (
        [EXAMPLES / "circuit.nn", "--data", EXAMPLES / "seed.csv"],
        2,
        "has no inputs or targets: it takes no --data",
    ),
    "an unknown name": ([XOR, "--set", "W3=1"], 2, "parameter `W3`; it has x, y, W1, b1, W2, b2"),
    "a value that is computed": ([XOR, "--set", "h=1"], 2, "no input, target or parameter `h`"),
    "a wrong shape": (
        [XOR, "--set", "x=[1, 2, 3]", "--set", "y=1"],
        1,
        "x: expected [batch, 2], got [1, 3]",
    ),
    "a parameter's shape": (
        [XOR, "--set", "x=1", "--set", "y=1", "--set", "b1=[1, 2]"],
        1,
        "--set b1: expected [8] or a number",
    ),
    "rows of two lengths": (
        [XOR, "--set", "x=[[1, 2], [3, 4]]", "--set", "y=[1]"],
        1,
        "batch is 2 in 'x', but 1 in 'y'; expected the same in both; a batch is a list of rows, as"
        " [[1, 2], [3, 4]]",
    ),
    "a ragged list": ([XOR, "--set", "x=[[1], [2, 3]]"], 2, "this is a list of 2 numbers"),
    "no number": ([XOR, "--set", "x=one"], 2, "--set x=one: expected a number or a list of"),
    "no expression": ([XOR, "--set", "x=[1,"], 2, "expected a number or a list of numbers"),
    "two": ([XOR, "--set", "x=1, z = 2"], 2, "expected a number or a list of numbers"),
    "nothing": ([XOR, "--set", "x="], 2, "--set 'x=': expected NAME=VALUE"),
    "twice": ([XOR, "--set", "x=1", "--set", "x=2"], 2, "--set x: it is given twice"),
    "infinite": ([XOR, "--set", "x=1e999"], 2, "x=1e999: expected a number"),
    "too large for float32": ([XOR, "--set", "x=1e39", "--set", "y=1"], 2, "finite"),
    "no class": (
        [EXAMPLES / "digits.nn", "--set", "x=0", "--set", "y=12"],
        1,
        "expected classes 0 to 9, got 12",
    ),
    "no whole class": (
        [EXAMPLES / "digits.nn", "--set", "x=0", "--set", "y=1.5"],
        1,
        "expected whole numbers",
    ),
    "no such value": ([*SEED, "W4"], 2, "seed.nn has no value `W4`; there are x, a, W1"),
    "no such block": ([*SEED, "--expand", "q"], 2, "no block of the model is called `q`"),
    "two starts": ([*SEED, "--params", "p.npz", "--seed", "1"], 2, "it takes no --seed"),
    "no parameters": ([*SEED, "--params", "missing.npz"], 2, "missing.npz: No such file"),
    "no such file": (["missing.nn"], 2, "missing.nn: No such file"),
    "another file": ([EXAMPLES / "seed.csv"], 2, "is no .nn file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_told_in_one_plain_sentence(case: str) -> None:
    arguments, code, words = REFUSED[case]
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert words in " ".join(result.output.split()), result.output


def test_a_long_formula_is_told_as_one(tmp_path: Path) -> None:
    file = tmp_path / "long.nn"
    file.write_text(f"param a : [] = 2\nloss {' + '.join(['a * a'] * 120)}\n")
    told = run(file).output
    assert "values within lines are left out" in told
    assert re.search(r"a +2  480", told)
    page = tmp_path / "long.html"
    assert run(file, "--html", page).exit_code == 0
    assert page.stat().st_size < 1_000_000

"""Files named on the command line: what may be read and written, and what is told of the others."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result
from systems import EXAMPLES

from graphc.cli import graphc

FLOWERS = """
input x : [batch, 1]
target kind : int[batch]
param W : [1, 3] = [[-1, 0, 1]]
param b : [3] = zeros
z = x @ W + b
output z
loss cross_entropy(z, kind)
optimizer sgd(learning_rate = 0.1)
train(epochs = 60, batch_size = 3)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a model of three kinds of flowers, and data for it."""
    monkeypatch.chdir(tmp_path)
    Path("flowers.nn").write_text(FLOWERS)
    rows = [f"{x},{kind}" for x, kind in ((-2, "iris"), (0, "lily"), (2, "rose"))] * 4
    Path("flowers.csv").write_text("\n".join(["x,kind", *rows, ""]))
    for name in ("line.nn", "line.csv", "digits.npz"):
        shutil.copy(EXAMPLES / name, name)
    return tmp_path


def run(line: str) -> Result:
    result = CliRunner().invoke(graphc, line.split())
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def trained(*options: str) -> Result:
    result = run(f"train flowers.nn --data flowers.csv --save p.npz {' '.join(options)}")
    assert result.exit_code == 0, result.output
    return result


# Labels


def test_predictions_have_the_labels_of_the_training() -> None:
    trained()
    Path("some.csv").write_text("x,kind\n2,rose\n0,tulip\n")
    Path("bare.csv").write_text("x\n2\n0\n")
    for name in ("some", "bare"):
        table = run(f"predict flowers.nn --params p.npz --data {name}.csv").stdout.splitlines()
        assert table[0].endswith(",kind")
        assert [row.split(",")[-1] for row in table[1:]] == ["rose", "lily"]
        result = run(f"predict flowers.nn --params p.npz --data {name}.csv -o p.out.npz")
        assert result.exit_code == 0
        with np.load("p.out.npz") as arrays:
            assert arrays["kind"].tolist() == ["rose", "lily"]
            assert arrays["z"].shape == (2, 3)


def test_a_resumed_run_keeps_the_numbers_of_the_labels() -> None:
    trained()
    Path("flowers.csv").write_text("x,kind\n2,rose\n0,lily\n")
    again = trained("--resume", "p.npz", "--epochs", "61", "--holdout", "0")
    assert "kind: 0 iris, 1 lily, 2 rose" in again.output
    assert "accuracy 100.0 %" in again.output
    for cell, told in (("tulip", "'tulip'"), ("1", "'1'")):
        Path("flowers.csv").write_text(f"x,kind\n2,rose\n0,{cell}\n")
        result = run("train flowers.nn --data flowers.csv --resume p.npz --epochs 70")
        assert result.exit_code == 1
        expected = f"expected one of 'iris', 'lily', 'rose', as in training, got {told}"
        assert f"row 3, column 'kind': {expected}" in result.output


def test_text_that_was_never_numbered_is_refused() -> None:
    text = Path("flowers.csv").read_text()
    for number, kind in enumerate(("iris", "lily", "rose")):
        text = text.replace(kind, str(number))
    labelled = Path("flowers.csv").read_text()
    Path("flowers.csv").write_text(text)
    trained()
    Path("flowers.csv").write_text(labelled)
    result = run("train flowers.nn --data flowers.csv --resume p.npz --epochs 70")
    assert result.exit_code == 1
    assert "expected a class number, as in training, got " in result.output
    predicted = run("predict flowers.nn --params p.npz --data flowers.csv")
    assert predicted.stdout.startswith("z[0],z[1],z[2]\n")


def test_a_resumed_run_keeps_its_options() -> None:
    trained("--epochs", "1", "--holdout", "0.25", "--batch-size", "2", "--learning-rate", "0.001")
    Path("first.npz").write_bytes(Path("p.npz").read_bytes())
    again = trained("--resume", "p.npz", "--epochs", "2").output
    assert "flowers: 6 parameters, 9 rows to train on, 3 held out\n" in again
    assert "goes on after epoch 1: batch size 2, holdout 0.25, learning rate 0.001\n" in again
    kept = Path("p.npz").read_bytes()
    given = ("--holdout", "0.25", "--batch-size", "2", "--learning-rate", "0.001")
    trained("--resume", "first.npz", "--epochs", "2", *given)
    assert Path("p.npz").read_bytes() == kept
    other = trained("--resume", "first.npz", "--epochs", "2", "--learning-rate", "0.5").output
    assert "learning rate 0.5\n" in other
    assert Path("p.npz").read_bytes() != kept


# Exit codes: 2 for a wrong call or a file that cannot be used, 1 for what stands in it


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("train line.nn --data line.csv --save p.txt", 2, "p.txt: expected a name that ends in"),
        ("train line.nn --data line.csv --save p", 2, "p: expected a name that ends in .npz"),
        ("train line.nn --data line.csv --save line.csv", 2, "would replace what is read"),
        ("train line.nn --data line.csv --save line.nn", 2, "would replace what is read"),
        ("train line.nn --data line.csv --save line.py", 2, "line.py: the output would replace"),
        ("train line.nn --data digits.npz --save digits.npz", 2, "would replace what is read"),
        ("train line.nn --data line.csv --save none/p.npz", 2, "none: No such file"),
        ("train line.nn --data line.csv --columns x", 2, "--columns x: expected NAME=COLUMN"),
        ("train line.nn --data line.csv --columns q=x", 2, "the model has no 'q', only 'x', 'y'"),
        ("train line.nn --data digits.npz --columns x=x", 2, "--columns is for .csv files"),
        ("train line.nn --data line.nn", 2, "line.nn: expected a .csv, .npz or .npy file"),
        ("train line.nn --data line.csv --resume digits.npz", 1, "not a saved trainer"),
        ("train line.nn --data line.csv --resume cut.npz", 1, "not a saved trainer, or damaged"),
        ("train line.nn --data line.csv --resume .", 2, ".: Is a directory"),
        ("train line.nn --data turned.npz", 1, "expected [batch], got [1797, 64]"),
        ("train line", 2, "graphc: line is no .nn file; did you mean line.nn?\n"),
        ("train nothing", 2, "graphc: nothing is no .nn file\n"),
        ("train line.csv --data line.nn", 2, "graphc: line.csv is no .nn file\n"),
        ("check line.csv", 2, "graphc: line.csv is no .nn file\n"),
        ("check line.nn line", 2, "graphc: line is no .nn file; did you mean line.nn?\n"),
        ("compile line", 2, "graphc: line is no .nn file; did you mean line.nn?\n"),
        ("verify line.csv", 2, "graphc: line.csv is no .nn or .py file\n"),
        ("predict digits.npz --params line.nn", 2, "graphc: digits.npz is no .nn file\n"),
        ("predict line.nn --params cut.npz --data line.csv", 1, "not a saved trainer, or damaged"),
        ("train line.nn --data line.csv --holdout 20", 2, "for 20 % of the rows give 0.2."),
        ("train line.nn --data line.csv --holdout -1", 2, "-1 is not a share, from 0 to below 1."),
        ("train line.nn --data line.csv --holdout nan", 2, "nan is not a share, from 0 to below"),
    ],
)
def test_what_is_told(line: str, code: int, message: str) -> None:
    Path("line.py").touch()
    Path("cut.npz").write_bytes(Path("digits.npz").read_bytes()[:1000])
    shutil.copy("digits.npz", "turned.npz")
    before = {path: path.read_bytes() for path in Path().iterdir()}
    result = run(line)
    assert (result.exit_code, "Traceback" in result.output) == (code, False), result.output
    assert message in result.output
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


def test_predictions_never_replace_what_is_read() -> None:
    trained()
    before = {path: path.read_bytes() for path in Path().iterdir()}
    for name in ("flowers.csv", "p.npz"):
        result = run(f"predict flowers.nn --params p.npz --data flowers.csv -o {name}")
        assert result.exit_code == 2
        assert "would replace what is read" in result.output
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


def test_transposed_data_is_seen() -> None:
    np.savez("flowers.npz", x=np.ones((1, 5)), kind=np.zeros(5))
    result = run("train flowers.nn --data flowers.npz")
    assert "array 'x': expected [batch, 1], got [1, 5]: transposed?\n" in result.output


# Modules


@pytest.mark.parametrize("name", ["numpy", "json", "math", "os", "random"])
def test_a_module_never_hides_one_that_it_needs(name: str) -> None:
    shutil.copy("line.nn", f"{name}.nn")
    for line in (f"compile {name}.nn", f"compile line.nn -o {name}.py"):
        result = run(line)
        assert (result.exit_code, Path(f"{name}.py").exists()) == (2, False)
        assert f"{name}.py would hide " in result.output
        assert "; choose another name with -o\n" in result.output
    assert run(f"compile {name}.nn -o fine.py").exit_code == 0
    assert run(f"compile {name}.nn -o -").exit_code == 0


def test_a_module_that_no_import_can_name_is_noted() -> None:
    for name in ("my-line", "2nd", "class"):
        result = run(f"compile line.nn -o {name}.py")
        assert result.exit_code == 0
        assert result.stderr.startswith(f"note: {name}.py cannot be imported by name")
    assert run("compile line.nn").stderr == ""


# Much to say, and nowhere to say it


def test_only_the_first_mistakes_are_printed() -> None:
    lines = [f"a{n} = missing{n}" for n in range(900)]
    Path("many.nn").write_text("\n".join(["param w : [] = 1", *lines, "loss w", ""]))
    compiled = run("compile many.nn")
    assert compiled.exit_code == 1
    assert compiled.stderr.count("error[") == 30
    assert compiled.stderr.endswith("\n... and 870 more\n")
    checked = run("check many.nn")
    assert checked.stdout.count("error[") == 30
    assert "\n... and 870 more\n\n1 file: 900 errors, no warnings; `" in checked.stdout


@pytest.mark.parametrize(
    "line", ["compile line.nn", "compile line.nn -o -", "check line.nn", "verify line.nn", "--help"]
)
def test_a_full_output_is_named(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    echo = click.echo

    def full(text: object = "", err: bool = False, **options: Any) -> None:
        if not err:
            raise OSError(28, "No space left on device")
        echo(text, err=True, **options)

    for place in ("click.echo", "click.decorators.echo"):
        monkeypatch.setattr(place, full)
    result = run(line)
    told = "graphc: standard output: No space left on device\n"
    assert (result.exit_code, result.stderr) == (2, told)


def test_a_closed_output_is_named() -> None:
    code = "import sys; sys.stdout = None; from graphc.commands.reporting import put, told\n"
    command = [sys.executable, "-c", f"{code}with told(): put('x')"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=EXAMPLES.parent)
    assert (result.returncode, result.stderr) == (2, "graphc: standard output: is closed\n")


def test_a_file_that_graphc_did_not_write_stays() -> None:
    Path("flowers.py").write_text("print('mine')\n")
    refused = run("compile flowers.nn")
    assert refused.exit_code == 2
    assert "flowers.py was not written by graphc, and would be lost" in refused.stderr
    assert Path("flowers.py").read_text() == "print('mine')\n"
    assert run("compile flowers.nn -o other.py").exit_code == 0
    assert run("compile flowers.nn -o other.py --dtype float64").exit_code == 0  # its own

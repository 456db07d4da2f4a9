"""`graphc train` and `graphc predict` as typed: what they print, write and exit with."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from systems import EXAMPLES

from graphc.cli import COMMANDS, graphc

LINE = str(EXAMPLES / "line.nn")
LINE_DATA = str(EXAMPLES / "line.csv")
IRIS = [str(EXAMPLES / "iris.nn"), "--data", str(EXAMPLES / "iris.csv")]
DIGITS = [str(EXAMPLES / "digits.nn"), "--data", str(EXAMPLES / "digits.npz")]


def run(*arguments: object, code: int = 0) -> str:
    """What a command prints; its exit code must be `code`."""
    result = CliRunner().invoke(graphc, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def program(*arguments: object, folder: Path | None = None) -> subprocess.Popen[str]:
    """The command as a process of its own."""
    command = [sys.executable, "-m", "graphc", *map(str, arguments)]
    here = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=folder, env=here)


# The group


def test_help_names_every_command_and_imports_none() -> None:
    text = run("--help")
    for name, (_, summary) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(summary)}$", text, re.MULTILINE)
        assert run(name, "--help").startswith(f"Usage: graphc {name}")
    loaded = "import sys, graphc.cli, graphc.__main__; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True)
    assert "click" in modules.stdout.split()
    assert not {"numpy", "lark", "networkx", "rich"} & set(modules.stdout.split())


def test_version_and_misspelt_commands() -> None:
    assert re.fullmatch(r"graphc \d+\.\d+\.\d+\n", run("--version"))
    assert "No such command 'trian'. Did you mean 'train'?" in run("trian", code=2)


# Training and predicting


@pytest.mark.parametrize(
    ("name", "data", "last"),
    [
        ("circuit", "", "10 epochs in .*: loss -81.38\nx = 8.90376\ny = -9.25244\nz = 1\n"),
        (
            "line",
            "line.csv",
            "40 epochs in .*: loss .*e-30, training R² 1.0000, .*\nPACEW = 2\n",
        ),
        ("columns", "columns.npz", r"500 epochs in .*; held out: loss 0\.0[12].*\nPACE"),
        ("momentum", "seed.csv", r"500 epochs in .*: loss 0\.03.*, training accuracy .* %\nPACE"),
        ("iris", "iris.csv", r"60 epochs in .*; held out: loss .*, accuracy [89]\d\.\d %\nPACE"),
        ("digits", "digits.npz", r"20 epochs in .*; held out: loss .*, accuracy 9[789].* %\nPACE"),
    ],
)
def test_examples_train(name: str, data: str, last: str) -> None:
    given = ["--data", EXAMPLES / data] if data else []
    text = run("train", EXAMPLES / f"{name}.nn", *given)
    assert text.startswith(f"{name}: ")
    ending = f"not saved: --save {name}.trained.npz keeps what was learnt\n"
    pace = r"    \d.* per epoch, \d.* per step, \d.* samples/s in training\n"
    assert re.search(f"\n{last.replace('PACE', pace)}{ending}$", text)


def test_a_first_row_that_may_be_data_is_not_taken_silently(tmp_path: Path) -> None:
    table, params = tmp_path / "t.csv", tmp_path / "line.npz"
    table.write_text("0,1\n1,2\n2,4\n")
    told = f"{table}: the first line, '0', '1', is taken for column names; "
    assert told in run("train", LINE, "--data", table, "--epochs", 1, "--save", params)
    assert told in run("predict", LINE, "--params", params, "--data", table)
    chosen = ["--columns", "x=0", "--columns", "y=1"]
    assert told not in run("train", LINE, "--data", table, "--epochs", 1, *chosen)


def test_from_a_table_to_predictions_with_labels(tmp_path: Path) -> None:
    params, out = tmp_path / "iris.npz", tmp_path / "p.csv"
    text = run("train", *IRIS, "--epochs", 30, "--seed", 1, "--save", params)
    assert "\nspecies: 0 setosa, 1 versicolor, 2 virginica\n" in text
    assert text.endswith(f"\nsaved {params}\n")
    printed = run("predict", *IRIS, "--params", params)
    table = list(csv.reader(io.StringIO(printed)))
    assert table[0] == ["p[setosa]", "p[versicolor]", "p[virginica]", "species"]
    truth = [line.split(",")[-1] for line in (EXAMPLES / "iris.csv").read_text().splitlines()]
    assert np.mean([row[-1] == species for row, species in zip(table, truth, strict=True)]) > 0.9
    assert run("predict", *IRIS, "--params", params, "-o", out) == f"wrote {out}: 150 rows\n"
    assert out.read_text() == printed
    run("predict", *IRIS, "--params", params, "-o", out.with_suffix(".npz"))
    with np.load(out.with_suffix(".npz")) as arrays:
        assert arrays["p"][0].astype(str).tolist() == table[1][:3]


def test_predictions_need_no_targets_and_a_circuit_no_data(tmp_path: Path) -> None:
    params, x = tmp_path / "p.npz", tmp_path / "x.csv"
    run("train", LINE, "--data", LINE_DATA, "--save", params, "--learning-rate", 0.02)
    x.write_text("x\n3\n-0.5\n")
    table = run("predict", LINE, "--params", params, "--data", x).splitlines()
    assert table[0] == "prediction"
    np.testing.assert_allclose([float(row) for row in table[1:]], [6, -1], rtol=1e-6)
    circuit = EXAMPLES / "circuit.nn"
    run("train", circuit, "--epochs", 0, "--save", params)
    assert run("predict", circuit, "--params", params) == "f,g\n-12.0,-10.0\n"


# What is wrong


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none.nn"], 2, "graphc: none.nn: No such file or directory\n"),
        ([LINE], 2, "needs --data, for x, y."),
        ([LINE, "--data", "none.csv"], 2, "graphc: none.csv: No such file or directory\n"),
        ([LINE, "--data", IRIS[2]], 1, "expected 2 columns (1 for x [batch], 1 for y [batch])"),
        ([LINE, "--data", DIGITS[2]], 1, "array 'x': expected [batch], got [1797, 64]"),
        ([LINE, "--data", LINE_DATA, "--columns", "x=z"], 1, "no column 'z'; the columns are 'x'"),
        ([LINE, "--data", LINE], 2, "line.nn: expected a .csv, .npz or .npy file\n"),
        ([LINE, "--data", LINE_DATA, "--save", "/none/p.npz"], 2, "graphc: /none: No such file"),
        ([LINE, "--data", LINE_DATA, "--save", "/"], 2, "graphc: /: Is a directory\n"),
        ([LINE, "--data", LINE_DATA, "--resume", LINE], 1, "line.nn: not a saved trainer"),
        ([LINE, "--data", LINE_DATA, "--resume", "none.npz"], 2, "graphc: none.npz: No such file"),
        ([LINE, "--data", LINE_DATA, "--resume", DIGITS[2]], 1, "digits.npz: not a saved trainer"),
        ([LINE, "--data", LINE_DATA, "--resume", "p", "--seed", "1"], 2, "its own --seed"),
        ([LINE, "--data", LINE_DATA, "--learning-rate", "nan"], 2, "nan is not a finite number"),
        ([LINE, "--data", LINE_DATA, "--learning-rate", "1e9"], 1, "a smaller --learning-rate"),
        ([LINE, "--data", LINE_DATA, "--epochs", "-1"], 2, "-1 is not in the range x>=0"),
        ([str(EXAMPLES / "circuit.nn"), "--data", LINE_DATA], 2, "has no inputs or targets"),
    ],
)
def test_what_is_told(arguments: list[str], code: int, message: str) -> None:
    text = run("train", *arguments, code=code)
    assert message in text
    assert "Traceback" not in text


@pytest.mark.parametrize("rate", ["0.01 / (3 - step)", "0.01 * (3 - step) ** -1"])
def test_a_schedule_that_divides_by_zero_is_told_with_its_step(tmp_path: Path, rate: str) -> None:
    model = tmp_path / "scheduled.nn"
    text = Path(LINE).read_text(encoding="utf-8")
    model.write_text(re.sub("(?m)^optimizer .*", f"optimizer sgd(learning_rate = {rate})", text))
    told = run("train", model, "--data", LINE_DATA, "--batch-size", "1", code=1)
    assert "graphc: step 3: an argument of the optimizer divides by 0\n" in told


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "needs --data, for x."),
        (["--data", IRIS[2]], 1, "iris.csv: no column 'x', on which x was trained; the columns"),
        (["--data", LINE_DATA, "-o", "p.txt"], 2, "p.txt is neither .csv nor .npz"),
        (["--data", LINE_DATA, "-o", "/none/p.csv"], 2, "graphc: /none: No such file"),
    ],
)
def test_what_predict_tells(tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    params = tmp_path / "p.npz"
    run("train", LINE, "--data", LINE_DATA, "--save", params, "--epochs", 1)
    assert message in run("predict", LINE, "--params", params, *arguments, code=code)
    assert "saved by another model" in run("predict", *IRIS, "--params", params, code=1)


def test_a_mistake_in_the_model_is_drawn_and_nothing_written(tmp_path: Path) -> None:
    model, out = tmp_path / "wrong.nn", tmp_path / "p.npz"
    model.write_text("param w : [] = 1\nlos w\n")
    text = run("train", model, "--save", out, code=1)
    assert re.search(rf"error\[E0103\]: .*\n --> {model}:2:1\n  \|\n2 \| los w\n  \| \^", text)
    assert not out.exists()


# As a process


def test_ctrl_c_leaves_a_checkpoint_to_go_on_from(tmp_path: Path) -> None:
    path = tmp_path / "digits.npz"
    process = program("train", *DIGITS, "--epochs", 100_000, "--save", path)
    assert process.stdout is not None
    try:
        while not process.stdout.readline().startswith("epoch"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    last = output.splitlines()[-1]
    assert (process.returncode, errors) == (130, "")
    told = re.fullmatch(r"stopped by Ctrl-C after epoch (\d+) of 100000; saved .*", last)
    assert told
    done = int(told[1])
    again = run("train", *DIGITS, "--resume", path, "--epochs", done + 1)
    assert f"\nepoch {done + 1}/{done + 1}  loss " in again


def test_a_closed_pipe_ends_quietly_and_a_folder_with_a_numpy_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('the wrong one')\n")
    run("train", LINE, "--data", LINE_DATA, "--save", tmp_path / "p.npz")
    process = program("predict", LINE, "--params", "p.npz", "--data", LINE_DATA, folder=tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert (process.wait(timeout=30), process.stderr.read()) == (141, "")
    process.stderr.close()

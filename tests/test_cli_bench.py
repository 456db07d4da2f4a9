"""The command `bench`, as a user meets it: a summary and a table at 80 columns, or JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from systems import EXAMPLES

from graphc.cli import graphc
from graphc.compiled import compile_file

LAYERS = """
    input x : [batch, 2]
    target y : [batch, 1]
    p = x |> dense(3) |> tanh |> dense(1)
    output p
    loss mse(p, y)
"""


def run(*arguments: str | Path) -> Result:
    given = [str(argument) for argument in arguments]
    return CliRunner().invoke(graphc, ["bench", "--seconds", "0", *given], env={"COLUMNS": "80"})


def test_what_is_told_fits_a_terminal_and_names_what_it_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(EXAMPLES)
    result = run("digits.nn", "--batch-size", "8")
    assert result.exit_code == 0
    assert not result.stderr
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    for part in (
        "17,226 parameters, float32, 8 rows a step",
        "8 matrix products",
        "68,968 bytes",
        "digits.nn:18  h1 = relu(x @ W1 + b1)",
        "x.dot(W1, out=h1)",
        "outputs (a step does without)",
    ):
        assert part in result.stdout
    assert "no matrix product" in run(EXAMPLES / "circuit.nn").stdout


def test_the_slowest_alone(tmp_path: Path) -> None:
    module = tmp_path / "digits.py"
    compile_file(EXAMPLES / "digits.nn").write(module)
    # so many rows that no pause of the machine makes a step's own checks one of the slowest
    result = run(module, "--top", "3", "--batch-size", "4000")
    assert result.exit_code == 0
    assert result.stdout.count(" %") == 3
    assert result.stdout.count("digits.nn:") == 3


def test_json_holds_all(tmp_path: Path) -> None:
    result = run(EXAMPLES / "momentum.nn", "--json", "--batch-size", "4", "--dtype", "float64")
    found = json.loads(result.stdout)
    assert found["file"].endswith("momentum.nn")
    assert (found["dtype"], found["parameters"], found["sizes"]) == ("float64", 21, {"batch": 4})
    for kind in ("step", "predict", "loss", "products"):
        assert found[kind]["microseconds"] > 0
        assert found[kind]["runs"] > 0
    assert found["product_count"] == 8
    assert found["bytes"]["parameters"] == 21 * 8 + 64
    (first, *_) = [one for one in found["statements"] if one["text"] == "x.dot(W1, out=s1)"]
    assert first["function"] == "forward"
    assert first["place"] == "momentum.nn:18"
    assert first["model"].startswith("p = x |> matmul(W1)")
    assert first["line"] > 0
    assert 0 <= first["share"] <= 1


def test_parts_of_a_model_line_have_their_own_sums(tmp_path: Path) -> None:
    model = tmp_path / "layers.nn"
    model.write_text(LAYERS)
    shown = run(model).stdout
    assert "layers.nn:4  p = x |> dense(3) |> tanh |> dense(1)" in shown
    assert "    dense1 = x @ dense1.W + dense1.b" in shown


def test_warnings_and_mistakes_are_told_as_everywhere(tmp_path: Path) -> None:
    model = tmp_path / "model.nn"
    model.write_text(LAYERS + "param unused : [2] = 1")
    result = run(model)
    assert result.exit_code == 0
    assert "W0801" in result.stderr
    model.write_text(LAYERS.replace("dense(1)", "dense("))
    assert run(model).exit_code == 1
    other = tmp_path / "other.py"
    other.write_text("x = 1\n")
    for code, arguments, told in (
        (1, [other], "no module of graphc's"),
        (2, [tmp_path / "nowhere.nn"], "nowhere.nn"),
        (2, [tmp_path / "table.csv"], "no .nn or .py file"),
        (2, [EXAMPLES / "xor.nn", "--batch-size", "0"], "--batch-size"),
        (2, [EXAMPLES / "circuit.nn", "--batch-size", "2"], "batch"),
    ):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (code, ""), arguments
        assert told in result.stderr

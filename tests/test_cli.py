"""The commands `compile`, `check` and `verify`, as a user meets them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphc.cli import COMMANDS, graphc

EXAMPLES = Path(__file__).parent.parent / "examples"
MODEL = """
input x : [batch, 2]
target y : [batch, 1]
param W : [2, 1] = he_normal
p = x @ W
output p
loss mse(p, y)
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "line.nn"
    path.write_text(MODEL)
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(graphc, [str(argument) for argument in arguments])


def test_compile_writes_the_module_beside_the_model_and_says_so(model: Path) -> None:
    result = run("compile", model)
    assert result.exit_code == 0
    written = model.with_suffix(".py")
    assert str(written) in result.output
    assert "2 parameters" in result.output
    assert re.search(r"a step: +[\d,]+ \+ \d+ \* batch bytes, .* at a batch of 32", result.output)
    assert re.search(r"a prediction: +[\d,]+ \+ \d+ \* batch bytes", result.output)
    space: dict[str, object] = {}
    exec(written.read_text(), space)
    assert "Trainer" in space


def test_compile_to_standard_output_writes_nothing(model: Path) -> None:
    result = run("compile", model, "-o", "-")
    assert result.exit_code == 0
    assert result.output.startswith('"""line')
    assert [path.name for path in model.parent.iterdir()] == ["line.nn"]


def test_the_plain_module_and_the_other_dtype_are_asked_for_by_flags(model: Path) -> None:
    assert "p = x @ W\n" in run("compile", model, "-o", "-", "--plain").output
    assert "DTYPE = float64" in run("compile", model, "-o", "-", "--dtype", "float64").output


def test_check_tells_whether_the_output_is_what_the_model_gives_now(model: Path) -> None:
    assert run("compile", model, "--check").exit_code == 1
    run("compile", model)
    assert run("compile", model, "--check").exit_code == 0
    model.write_text(MODEL.replace("mse", "sse"))
    assert run("compile", model, "--check").exit_code == 1


@pytest.mark.parametrize(
    "stage", ["tree", "graph", "shapes", "gradient", "rewrite", "update", "plan", "emit"]
)
def test_every_stage_can_be_shown(model: Path, stage: str) -> None:
    result = run("compile", model, "--dump", stage)
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 1
    assert not model.with_suffix(".py").exists()


def test_the_time_of_each_stage_is_told(model: Path) -> None:
    result = run("compile", model, "--time")
    assert result.exit_code == 0
    for stage in ("gradient", "plan", "emit", "total"):
        assert stage in result.stderr


def test_a_model_with_a_mistake_writes_nothing_and_leaves_the_old_module(model: Path) -> None:
    run("compile", model)
    before = model.with_suffix(".py").read_bytes()
    model.write_text(MODEL.replace("x @ W", "x @ V"))
    result = run("compile", model)
    assert result.exit_code == 1
    assert "E0201" in result.stderr
    assert "Traceback" not in result.output
    assert model.with_suffix(".py").read_bytes() == before


@pytest.mark.parametrize("command", ["compile", "check", "verify"])
def test_a_missing_file_is_one_line_and_exit_2(tmp_path: Path, command: str) -> None:
    result = run(command, tmp_path / "nowhere.nn")
    assert result.exit_code == 2
    assert "nowhere.nn" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_output_that_cannot_be_written_is_one_line_and_exit_2(model: Path) -> None:
    for target in (model.parent, model.parent / "no" / "such" / "folder.py"):
        result = run("compile", model, "-o", target)
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
        assert str(target) in result.stderr


def test_the_model_itself_is_never_overwritten(model: Path) -> None:
    result = run("compile", model, "-o", model)
    assert result.exit_code == 2
    assert model.read_text() == MODEL


def test_check_reports_every_file(model: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.nn"
    bad.write_text("param W : [2] = zero\nloss sum(V)\n")
    result = run("check", model, bad)
    assert result.exit_code == 1
    assert "E0501" in result.output
    assert "E0201" in result.output
    assert run("check", model).exit_code == 0


def test_check_speaks_json_to_editors(tmp_path: Path) -> None:
    bad = tmp_path / "bad.nn"
    bad.write_text("param W : [2] = zeros\nloss sum(V)\n")
    result = run("check", "--json", bad)
    assert result.exit_code == 1
    records = json.loads(result.stdout)
    (error,) = [one for one in records if one["severity"] == "error"]
    assert (error["code"], error["line"], error["column"]) == ("E0201", 2, 10)
    assert (error["end_line"], error["end_column"]) == (2, 11)
    assert error["file"] == str(bad)


def test_verify_shows_a_table_by_parameter(model: Path) -> None:
    result = run("verify", model)
    assert result.exit_code == 0
    assert "statements agree" in result.output
    assert "agrees" in result.output
    run("compile", model)
    assert run("verify", model.with_suffix(".py")).exit_code == 0


def test_verify_fails_on_a_module_that_was_tampered_with(model: Path) -> None:
    run("compile", model)
    module = model.with_suffix(".py")
    module.write_text(module.read_text().replace("# p = x @ W", "# p = x @ W + 1"))
    result = run("verify", module)
    assert result.exit_code == 1
    assert "x.dot(W, out=p)" in result.output


def test_verify_says_whose_gradient_agrees_where_a_statement_is_wrong(model: Path) -> None:
    run("compile", model)
    module = model.with_suffix(".py")
    assert "gradient of the comments" not in run("verify", module).output
    text = module.read_text()
    wrong = text.replace("x.T.dot(dp, out=dW)", "x.T.dot(p, out=dW)")
    assert wrong != text
    module.write_text(wrong)
    told = run("verify", module).output
    assert re.search(r"W .* agrees *\n", told)
    assert told.endswith("gradient of the comments; what the lines above do is not in it.\n")


def test_verify_refuses_what_is_no_module(tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text("x = 1\n")
    result = run("verify", other)
    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['graphc', '--help']\n"
        "from graphc.__main__ import main\n"
        "try:\n    main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'networkx', 'lark', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert all(name in result.stdout for name in COMMANDS)


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "graphc", "check", str(EXAMPLES / "xor.nn")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("command", ["compile", "check", "verify", "bench", "show", "train"])
def test_a_link_that_leads_to_itself_is_told(tmp_path: Path, command: str) -> None:
    path = tmp_path / "loop.nn"
    path.symlink_to(path)
    result = run(command, str(path))
    assert (result.exit_code, "Traceback" in result.output) == (2, False)
    assert f"{path}: Too many levels of symbolic links" in result.output


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("train line.nn --epochs ten", "--epochs takes a whole number, got 'ten'."),
        ("train line.nn --learning-rate fast", "--learning-rate takes a number, got 'fast'."),
        ("train line.nn --lr 0.1", "No such option '--lr'. Did you mean --learning-rate?"),
        (
            "train line.nn points.csv",
            "extra argument (points.csv). Did you mean --data points.csv?",
        ),
        ("graph line.nn x.svg", "extra argument (x.svg). Did you mean -o x.svg?"),
        ("show line.nn x.svg", "Got unexpected extra argument (x.svg)"),
        (
            "new toy --template mpl",
            "takes one of mlp, cnn, transformer, autoencoder, got 'mpl'. Did you mean mlp?",
        ),
        ("compile line.nn --dtype half", "--dtype takes one of float32, float64, got 'half'."),
    ],
)
def test_a_call_that_cannot_be_read_is_told_what_was_meant(call: str, message: str) -> None:
    result = run(*call.split())
    assert result.exit_code == 2
    assert result.output.endswith(f"{message}\n")

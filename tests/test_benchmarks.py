"""The benchmark runs on NumPy alone, and its ratios are those of the times it tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
KEYS = ("graphc", "fit", "floor", "naive")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, in a checkout."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "tests.benchmarks", *arguments]
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a quick run, and what it printed."""
    folder = tmp_path_factory.mktemp("benchmarks")
    asked = ["--quick", "--cases", "xor", "--peers", ",".join(KEYS), "--output", str(folder)]
    done = run(*asked)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_ratios_are_of_the_rounds_in_which_both_ran(told: tuple[Path, str]) -> None:
    results = json.loads((told[0] / "benchmarks.json").read_text(encoding="utf-8"))
    contenders = results["cases"]["xor"]["contenders"]
    assert set(contenders) == set(KEYS)
    ours = contenders["graphc"]["rounds"]
    for one in contenders.values():
        low, high = one["quartiles"]
        assert 0 < low <= one["median"] <= high
        pairs = zip(ours, one["rounds"], strict=True)
        assert one["ratio"] == pytest.approx(median(a / b for a, b in pairs))
    assert set(results["machine"]) >= {"processor", "cores", "threads", "versions"}
    (against,) = (one for one in results["targets"] if one["what"] == "graphc / naive NumPy")
    assert against["measured"] == contenders["naive"]["ratio"]
    assert against["holds"] == (against["measured"] < against["most"])


def test_what_it_prints_names_the_machine_and_every_contender(told: tuple[Path, str]) -> None:
    _, printed = told
    for name in ("threads:", "numpy", "graphc fit", "naive NumPy", "quartiles", "targets"):
        assert name in printed


def test_a_saved_run_becomes_the_tables_of_the_readme(told: tuple[Path, str]) -> None:
    done = run("--saved", str(told[0] / "benchmarks.json"), "--readme")
    assert done.returncode == 0, done.stderr
    _, table, _ = done.stdout.partition("| layers, batch | graphc |")
    assert "| xor 2-8-1, batch 4, sigmoid, sgd |" in done.stdout
    assert table


def test_an_unknown_case_is_told() -> None:
    done = run("--cases", "xor,moon")
    assert done.returncode == 2
    assert "no 'moon' here; there are xor, seed, moons" in done.stderr


def test_who_computes_something_else_is_named() -> None:
    losses = {"naive NumPy": [1.0, 0.5], "PyTorch": [1.0, 0.5001], "JAX jit": [1.0, 0.51]}
    script = (
        "from tests.benchmarks.cases import CASES\n"
        "from tests.benchmarks.steps import Disagreement, agree\n"
        f"try: agree(CASES[0], {losses})\n"
        "except Disagreement as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("xor: JAX jit has the losses [1.0, 0.51]")


def test_both_ways_of_every_choice_compute_the_same() -> None:
    script = (
        "from tests.benchmarks.choices import *\n"
        "modules = [compiled(case) for case in UPDATES.values()]\n"
        "names = space(modules[0])\n"
        "for one in CHOICES.values():\n"
        "    for size in one.sizes: ways(one, size, names)\n"
        "for module in modules: updates(module)\n"
        "try: ways(Choice((SMALL,), 'add(a, b, out=y)', 'subtract(a, b, out=y)'), SMALL, names)\n"
        "except AssertionError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "add(a, b, out=y), (4, 8)" in done.stdout

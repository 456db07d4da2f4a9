"""A short run of the fuzzer, the texts that are too large, and what the judge of modules sees."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from fuzz import trial
from fuzz.bombs import QUICK, SLOW
from fuzz.known import check, ours
from fuzz.shrink import shrunk
from fuzz.texts import Input, made

import graphc

ROOT = Path(__file__).resolve().parent.parent
SOUND = "input x : [batch, 2]\nparam W : [2, 1] = ones\np = x @ W\noutput p\nloss mean(p)\n"


def test_random_texts(request: pytest.FixtureRequest) -> None:
    """Each becomes a module of known words or is refused: `python -m tests.fuzz` tries more."""
    ours()  # made before any time is taken
    kinds = Counter[str]()
    for number in range(10_000 if request.config.getoption("--long") else 300):
        outcome = trial.attempt(made(0, number), seconds=60)
        assert outcome.kind != "failed", f"input {number}: {outcome.told}"
        kinds[outcome.kind] += 1
    assert kinds["compiled"] >= 30  # of 100,000 it is 13 %
    assert len(kinds) >= 30  # codes of errors


def test_an_input_is_the_same_each_time() -> None:
    assert [made(3, number) for number in range(20)] == [made(3, number) for number in range(20)]
    assert made(3, 0) != made(4, 0)


def test_texts_that_are_too_large(request: pytest.FixtureRequest) -> None:
    """Compiled or refused, within the time and the memory that `fuzz/bombs.py` allows."""
    long = request.config.getoption("--long")
    command = [sys.executable, "-m", "tests.fuzz.bombs", *(["--long"] if long else [])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == len({**QUICK, **(SLOW if long else {})})


FOREIGN = [
    ("import math\n", "import math\nimport socket\n"),
    ("import numpy as np\n", "import numpy as os\n"),
    ("from numpy import ", "from numpy import load, "),
    ("SIZE = 2", 'SIZE = eval("2")'),
    ("SIZE = 2", "SIZE = np.fromfile(2)"),
    ("SIZE = 2", "SIZE = open.__class__"),
    ('DEFAULTS = {"', 'DEFAULTS = {"import os; ": 1, "'),
    ("STATES = ()", 'STATES = ("__class__",)'),
    ("def forward(params, buf, x):", "def forward(params, buf, x, len=x):"),
    ("SIZE = 2", "SIZE = 2  # é"),
    ("SIZE = 2", "SIZE = 2  # \x0c"),
    ("Trains model", "Trains \\model"),
]


@pytest.mark.parametrize(("old", "new"), FOREIGN)
def test_what_is_foreign_in_a_module_is_seen(old: str, new: str) -> None:
    source = graphc.compile_text(SOUND).source
    check(source)
    assert old in source
    with pytest.raises((AssertionError, SyntaxError)):
        check(source.replace(old, new, 1))


def test_a_failure_is_found_and_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    def compiled(text: str, *_: object, **__: object) -> None:
        assert not re.search(r"relu\(.*tanh", text), "both"

    monkeypatch.setattr(trial.graphc, "compile_text", compiled)
    monkeypatch.setattr(trial, "check", lambda source: None)
    one = Input(f"{SOUND}h = relu(x + 3) * tanh(x)\nq = 1\n", "odd.nn", "float64", True)
    mark = trial.attempt(one).mark
    assert mark.startswith("AssertionError")
    assert shrunk(one, mark, seconds=5) == Input("relu(tanh")


def test_an_input_that_takes_too_long_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def compiled(*_: object, **__: object) -> None:
        while True:
            pass

    monkeypatch.setattr(trial.graphc, "compile_text", compiled)
    assert trial.attempt(Input(""), seconds=0.05).mark == "TooSlowError"


def test_the_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--inputs", "4", "--seed", "2"]
    done = subprocess.run(
        [*command, "--processes", "1", "--into", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 inputs of seed 2" in done.stdout
    assert "0 failed" in done.stdout

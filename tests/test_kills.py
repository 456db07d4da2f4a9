"""`kill -9` at any instant while a trainer is saved, or trained, or another file written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from test_faults import MODULE, TEXT

import graphc
from graphc.compiled import compile_text

HERE = {**os.environ, "PYTHONPATH": str(Path(graphc.__file__).parent.parent)}
SAVES = """
def saves():
    while True:
        trainer.theta[...] = trainer.steps
        trainer.steps += 1
        trainer.save("saved/p.npz")
"""
KILLS = """
import os, random, sys, time
from model import Trainer

moments = random.Random(0)

def beside():
    return [one for one in os.listdir("saved") if one != "p.npz"]

def killed(work, first, last):
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(moments.uniform(first, last))
    os.kill(child, 9)
    os.waitpid(child, 0)
    assert len(beside()) <= 1

trainer, kills, seen = Trainer(), int(sys.argv[1]), set()
"""
SAVING = f"""{KILLS}{SAVES}
longest = 0.02
for _ in range(kills):
    before = len(seen)
    killed(saves, 0, longest)
    if os.path.exists("saved/p.npz"):
        trainer = Trainer.load("saved/p.npz")
        assert (trainer.theta == trainer.steps - 1).all()
        seen.add(trainer.steps)
    longest *= 0.9 if len(seen) > before else 1.3  # so that it hits on a busy machine too
assert len(seen) > kills / 10
trainer.save("saved/p.npz")
assert not beside()
"""
WRITING = f"""{KILLS}
from itertools import count
from graphc.files import write_atomically

def text(number):
    return b"%d " % number * 9999

def writes():
    for number in count(last + 1):
        write_atomically("saved/p.npz", text(number))

last, longest = 0, 0.02
for _ in range(kills):
    before = len(seen)
    killed(writes, 0, longest)
    if os.path.exists("saved/p.npz"):
        with open("saved/p.npz", "rb") as file:
            found = file.read()
        last = int(found.split()[0])
        assert found == text(last)
        seen.add(last)
    longest *= 0.9 if len(seen) > before else 1.3
assert len(seen) > kills / 10
write_atomically("saved/p.npz", b"")
assert not beside()
"""
TRAINING = f"""{KILLS}
import contextlib
from graphc.cli import graphc

def trains(path, epochs):
    again = ["--resume", path] if os.path.exists(path) else []
    with contextlib.suppress(SystemExit):
        graphc(["train", "model.nn", "--data", "data.npz", "--save", path, *again,
                "--save-every", "0", "--epochs", str(epochs)])

began = time.perf_counter()
trains("saved/p.npz", 1)
took = time.perf_counter() - began  # most of which goes before the first epoch
epoch, hits = 1, 0
for _ in range(kills):
    killed(lambda: trains("saved/p.npz", epoch + 10**6), took / 2, took * 2)
    now = Trainer.load("saved/p.npz").epoch
    assert now >= epoch
    hits += now > epoch
    took *= 0.9 if now > epoch else 1.3
    epoch = now
assert hits > kills / 4
trains("saved/p.npz", epoch + 3)
trains("whole.npz", epoch + 3)
assert not beside()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a model stands, and saves into a folder of its own."""
    (tmp_path / "model.py").write_text(compile_text(TEXT).source)
    (tmp_path / "model.nn").write_text(TEXT)
    random = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", x=random.random((20, 3)), y=random.random((20, 1)))
    (tmp_path / "saved").mkdir()
    return tmp_path


def start(script: str, folder: Path, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=folder, env=HERE)


def kills(request: pytest.FixtureRequest, script: str, folder: Path, short: int) -> None:
    number = 200 if request.config.getoption("--long") else short
    process = start(script, folder, number)
    errors = process.communicate()[1]
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("script", [SAVING, WRITING], ids=["save", "write"])
def test_a_kill_leaves_a_whole_file_and_nothing_beside_it(
    folder: Path, request: pytest.FixtureRequest, script: str
) -> None:
    kills(request, script, folder, 50)


def test_a_run_killed_again_and_again_ends_as_one_that_went_through(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    kills(request, TRAINING, folder, 10)
    with np.load(folder / "saved" / "p.npz") as often, np.load(folder / "whole.npz") as once:
        assert often.files == once.files
        for name in once.files:
            np.testing.assert_array_equal(often[name], once[name])


def test_what_another_process_writes_is_left_alone(folder: Path) -> None:
    saving = f"from model import Trainer\ntrainer = Trainer()\n{SAVES}print(flush=True)\nsaves()"
    running = [start(saving, folder) for _ in range(2)]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()
    for _ in range(30):
        MODULE.Trainer().save(folder / "saved" / "p.npz")
        MODULE.Trainer.load(folder / "saved" / "p.npz")
    for process in running:
        assert process.poll() is None
        process.kill()
        process.communicate()

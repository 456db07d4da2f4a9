"""Faults while a trainer is saved: kills, full disks, folders that cannot be written."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import graphc
from graphc.cli import graphc as command
from graphc.compiled import compile_text

TEXT = """
input x : [batch, 3]
target y : [batch, 1]
param W : [3, 40] = he_normal
param V : [40, 1] = he_normal
p = tanh(x @ W) @ V
output p
loss mse(p, y)
optimizer adam(learning_rate = 0.01)
train(epochs = 2, batch_size = 5)
"""
MODULE: Any = compile_text(TEXT).load()
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
TRAINING = f"""{KILLS}
from graphc.cli import graphc

def trains():
    resume = ["--resume", "saved/p.npz"] if epoch else []
    data = ["--data", "data.npz", "--save", "saved/p.npz", "--epochs", str(epoch + 2)]
    graphc(["train", "model.nn", *data, *resume])

for epoch in (0, 2):
    began = time.perf_counter()
    try:
        trains()
    except SystemExit:
        took = time.perf_counter() - began
epoch = 4
for _ in range(kills):
    killed(trains, took / 2, took * 2)
    now = Trainer.load("saved/p.npz").epoch
    assert now in (epoch, epoch + 2)
    took *= 0.8 if now > epoch else 1.3
    seen.add(epoch := now)
assert len(seen) > 1
"""


def state(trainer: Any) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in trainer.__getstate__().items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a model stands, and saves into a folder of its own."""
    (tmp_path / "model.py").write_text(compile_text(TEXT).source)
    (tmp_path / "model.nn").write_text(TEXT)
    np.savez(tmp_path / "data.npz", x=np.ones((20, 3)), y=np.ones((20, 1)))
    (tmp_path / "saved").mkdir()
    return tmp_path


def start(script: str, folder: Path, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=folder, env=HERE)


@pytest.mark.parametrize(("script", "short"), [(SAVING, 50), (TRAINING, 10)], ids=["save", "train"])
def test_a_kill_leaves_a_whole_file_and_nothing_beside_it(
    folder: Path, request: pytest.FixtureRequest, script: str, short: int
) -> None:
    kills = 200 if request.config.getoption("--long") else short
    process = start(script, folder, kills)
    errors = process.communicate()[1]
    assert (process.returncode, errors) == (0, "")


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


CALLS = ["os.listdir", "os.open", "os.fdopen", "os.chmod", "os.replace", "os.fsync", "os.fstat"]
CALLS += ["tempfile.mkstemp", "fcntl.flock", "numpy.lib.format.write_array"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT])
def test_whatever_fails_the_file_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    path, old, new = tmp_path / "p.npz", MODULE.Trainer(seed=1), MODULE.Trainer(seed=2)
    old.save(path)
    for turn in range(8):
        with monkeypatch.context() as patched:
            patched.setattr(call, failing(call, turn, OSError(number, os.strerror(number))))
            told = []
            try:
                new.save(path)
            except OSError as error:
                told = [error.errno, error.filename]
        assert told in ([], [number, str(path)])
        loaded = state(MODULE.Trainer.load(path))
        assert loaded in (state(old), state(new))
        old.save(path)
        assert list(tmp_path.iterdir()) == [path]


def failing(call: str, turn: int, error: OSError) -> Callable[..., Any]:
    """A function that does what it did, but for one time."""
    module, _, name = call.rpartition(".")
    __import__(module)
    real, count = getattr(sys.modules[module], name), iter(range(10**6))

    def instead(*arguments: Any, **named: Any) -> Any:
        if next(count) == turn:
            raise error
        return real(*arguments, **named)

    return instead


@pytest.fixture
def limited() -> Iterator[Callable[[int], None]]:
    """Sets how long a file may become."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_that_is_full_at_any_byte(tmp_path: Path, limited: Callable[[int], None]) -> None:
    path, old, new = tmp_path / "p.npz", MODULE.Trainer(seed=1), MODULE.Trainer(seed=2)
    old.save(path)
    whole = path.read_bytes()
    for size in [*range(0, len(whole), 97), len(whole) - 1]:
        limited(size)
        with pytest.raises(OSError, match="File too large") as caught:
            new.save(path)
        assert caught.value.filename == str(path)
        assert (path.read_bytes(), list(tmp_path.iterdir())) == (whole, [path])
    limited(len(whole))
    new.save(path)
    assert state(MODULE.Trainer.load(path)) == state(new)


def test_a_run_that_finds_the_disk_full(folder: Path, limited: Callable[[int], None]) -> None:
    path, data = folder / "saved" / "p.npz", folder / "data.npz"
    MODULE.Trainer().save(path)
    before = path.read_bytes()
    limited(1000)
    arguments = ["train", folder / "model.nn", "--data", data, "--save", path]
    result = CliRunner().invoke(command, [*map(str, arguments)])
    assert (result.exit_code, result.stderr) == (2, f"graphc: {path}: File too large\n")
    assert (path.read_bytes(), list(path.parent.iterdir())) == (before, [path])


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    path, user = tmp_path / "p.npz", os.geteuid()
    MODULE.Trainer().save(path)
    before = path.read_bytes()
    tmp_path.chmod(0o555)
    for one in tmp_path.parents[:2]:
        one.chmod(one.stat().st_mode | 0o055)
    if user == 0:  # who may write anywhere
        os.seteuid(65534)
    try:
        with pytest.raises(PermissionError, match=f"Permission denied: '{path}'"):
            MODULE.Trainer().save(path)
    finally:
        os.seteuid(user)
    tmp_path.chmod(0o755)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])

"""Faults while a trainer is saved: full disks, folders that cannot be written."""

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


def state(trainer: Any) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in trainer.__getstate__().items()}


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


@pytest.fixture
def training(tmp_path: Path) -> list[str]:
    """The words of a run that saves into a folder of its own."""
    (tmp_path / "model.nn").write_text(TEXT)
    np.savez(tmp_path / "data.npz", x=np.ones((20, 3)), y=np.ones((20, 1)))
    (tmp_path / "saved").mkdir()
    places = tmp_path / "model.nn", tmp_path / "data.npz", tmp_path / "saved" / "p.npz"
    return ["train", str(places[0]), "--data", str(places[1]), "--save", str(places[2])]


def test_a_run_that_finds_the_disk_full(
    tmp_path: Path, training: list[str], limited: Callable[[int], None]
) -> None:
    path = tmp_path / "saved" / "p.npz"
    MODULE.Trainer().save(path)
    before = path.read_bytes()
    limited(1000)
    told = f"graphc: {path}: File too large"
    for options, lines in (([], []), (["--save-every", "0"], [f"{told}; trains on, tries again"])):
        result = CliRunner().invoke(command, [*training, *options])
        assert (result.exit_code, result.stderr.splitlines()) == (2, [*lines, told])
        assert "\nepoch 2/2 " in result.stdout
        assert (path.read_bytes(), list(path.parent.iterdir())) == (before, [path])


@pytest.mark.parametrize("failures", [1, 5, 9])
def test_a_disk_that_has_room_again(
    tmp_path: Path, training: list[str], monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    path, left, fsync = tmp_path / "saved" / "p.npz", iter(range(failures)), os.fsync

    def full(handle: int) -> None:
        if next(left, None) is not None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full)
    result = CliRunner().invoke(command, [*training, "--epochs", "9", "--save-every", "0"])
    told = f"graphc: {path}: No space left on device; trains on, tries again\n"
    assert (result.exit_code, result.stderr) == (0, told)
    assert MODULE.Trainer.load(path).epoch == 9
    assert list(path.parent.iterdir()) == [path]


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


HUNG = """
import fcntl, termios
from graphc.__main__ import main
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
main()
"""


def test_a_terminal_that_is_closed(tmp_path: Path, training: list[str]) -> None:
    master, slave = os.openpty()
    line = [sys.executable, "-c", HUNG, *training, "--epochs", "100000000"]
    with subprocess.Popen(
        line, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    ) as run:
        os.close(slave)
        told = b""
        while b" left" not in told:
            told += os.read(master, 1000)
        os.close(master)
    assert run.returncode == 128 + signal.SIGHUP
    assert MODULE.Trainer.load(tmp_path / "saved" / "p.npz").epoch > 0

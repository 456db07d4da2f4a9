"""The parent's side of a contender's process."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class Failed(Exception):
    """A process could not do what it was asked for; the message says why."""


class Late(Failed):
    """A process took too long, and was ended."""


class Process:
    """A Python module running by itself, that answers lines with lines."""

    def __init__(self, module: str, *arguments: str, threads: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=environment(threads),
            text=True,
        )

    def read(self, limit: float = 600) -> Any:
        """The next answer; raises Failed if there is none within `limit` seconds, or an error."""
        assert self._process.stdout
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(limit, stop)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if late.is_set():
            raise Late(f"took longer than {limit:.0f} s")
        if not line:
            raise Failed(f"ended with code {self._process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["value"]

    def ask(self, command: str, *arguments: Any) -> Any:
        """What the process answers to a command."""
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError):  # `read` tells why it ended
            self._process.stdin.write(json.dumps([command, *arguments]) + "\n")
            self._process.stdin.flush()
        return self.read()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


@contextlib.contextmanager
def opened(key: str, folder: Path, threads: int) -> Iterator[Process]:
    """A contender's process, ready; ended on leaving."""
    process = Process("worker", key, str(folder), threads=threads)
    try:
        process.read()
        yield process
    finally:
        process.close()


def environment(threads: int) -> dict[str, str]:
    """Everyone's number of threads; and no more processes or devices than are measured."""
    return {
        **os.environ,
        **dict.fromkeys(POOLS, str(threads)),
        "JAX_PLATFORMS": "cpu",
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
    }

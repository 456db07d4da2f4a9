"""Files, written whole or not at all."""

from __future__ import annotations

import contextlib
import importlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

# only where an open file can be renamed
fcntl: Any = importlib.import_module("fcntl") if os.name == "posix" else None


@contextlib.contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """Lets an OSError name `path`, not a temporary file beside it, or none."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise type(error)(error.errno, reason, str(path)) from None


def write_atomically(path: str | Path, content: bytes) -> None:
    """Replaces the file at `path`, or makes it; raises OSError and leaves the old one if it
    cannot.

    A link is followed to its target; the old file's mode is kept. A device or a pipe is written
    to, not replaced.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(21, "is a directory", str(path))
    if target.exists() and not target.is_file():
        with naming(path):
            target.write_bytes(content)
        return
    with naming(path):
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        file, temporary = _beside(target.parent, target.name)
        try:
            with file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                if not fcntl:
                    file.close()
                os.chmod(temporary, mode)
                os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        if os.name == "posix":  # elsewhere a folder cannot be opened
            directory = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)


def _beside(folder: Path, name: str) -> tuple[BinaryIO, str]:
    """As in `templates/writing.txt`: a new file that is locked; those that nobody locks go.

    It is written twice since modules stand alone.
    """
    start, end = f".{name[:40]}.", ".part"
    with contextlib.suppress(OSError):
        for one in os.listdir(folder):
            if one.startswith(start) and one.endswith(end) and len(one) == len(start + end) + 8:
                with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
                    path = os.path.join(folder, one)
                    if fcntl:
                        left = opened.enter_context(open(path, "r+b"))
                        fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(path)
    while True:
        handle, path = tempfile.mkstemp(dir=folder, prefix=start, suffix=end)
        file = os.fdopen(handle, "wb")
        if fcntl:
            with contextlib.suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX)
        if os.path.exists(path):
            return file, path
        file.close()


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current

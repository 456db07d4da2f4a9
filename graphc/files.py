"""Files, written whole or not at all."""

from __future__ import annotations

import contextlib
import importlib
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any


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
        writing = _writing()
        file, temporary = writing["beside"](str(target.parent), target.name)
        try:
            with file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                if not writing["fcntl"]:
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


def check_folder(path: Path) -> None:
    """Raises OSError if no file can be made in a folder; only by making one is that known."""
    with naming(path):
        file, temporary = _writing()["beside"](str(path), "graphc")
        file.close()
        os.unlink(temporary)


@cache
def _writing() -> dict[str, Any]:
    """What an emitted module writes its files with: one text, which runs there and here."""
    names: dict[str, Any] = {
        "contextlib": contextlib,
        "importlib": importlib,
        "os": os,
        "tempfile": tempfile,
    }
    exec(resources.files("graphc").joinpath("templates", "writing.txt").read_text("utf-8"), names)
    return names


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current

"""A model file, opened: its text as UTF-8, with the path that imports start from."""

from __future__ import annotations

from pathlib import Path

from graphc.errors import CompileError, Report
from graphc.source import LARGEST, Source, Span


def opened(path: str | Path, name: str = "") -> Source:
    """The source of a file, called `name` in messages or else by its path.

    Raises OSError if it cannot be read, and CompileError if it is not UTF-8.
    """
    place, name = Path(path), name or str(path)
    with place.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise OSError(27, f"larger than a model file can be ({LARGEST:,} bytes)", name)
    return decoded(raw, name, place.parent.resolve() / place.name)


def decoded(raw: bytes, name: str, path: Path | None = None) -> Source:
    """The source of UTF-8, called `name` in messages; raises CompileError if it is not UTF-8."""
    try:
        return Source(raw.decode("utf-8").removeprefix("\ufeff"), name, path)
    except UnicodeDecodeError as error:
        report = Report()
        before = raw[: error.start].decode("utf-8")
        source = Source(before + "\ufffd", name)
        message = f"the byte 0x{raw[error.start]:02X} is not UTF-8"
        at = Span(source, len(before), len(before) + 1)
        report.add("E0108", at, message, help="save the file as UTF-8")
        raise CompileError(report.diagnostics) from None

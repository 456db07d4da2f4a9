"""The rows of a CSV file: its text opened, its separator seen, its quotes followed.

Rows are counted as a spreadsheet does: the header is row 1, and a cell with line ends in quotes is
part of one row.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO

from graphc.data.errors import DataError

Records = Iterator[tuple[int, list[str]]]

QUOTED = re.compile(r'"[^"]*"?')
LINE_END = re.compile(rb"\r\n|\r|\n")
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # those of UTF-32 begin with one, or with zeros


@contextmanager
def records(path: Path) -> Iterator[Records]:
    """The rows of a file with their numbers, blank ones left out.

    The separator is the comma, or the tab or semicolon of a header that has no comma. Raises
    `DataError` for what is no such text or changes meanwhile, `OSError` as `open` does.
    """
    with path.open("rb") as raw, unchanged(path, raw):
        start = raw.peek(4)
        if start.startswith(WIDE) or b"\0" in start:
            raise DataError(f"{path}: expected UTF-8 text, got UTF-16 or no text; save it as UTF-8")
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        yield _rows(path, text)


@contextmanager
def unchanged(path: Path, file: BinaryIO) -> Iterator[None]:
    """Raises `DataError` if the file is written to while it is read."""
    before = _stamp(file)
    try:
        yield
    except DataError:
        if _stamp(file) == before:
            raise
    if _stamp(file) != before:
        raise DataError(f"{path}: the file was changed while it was read; try again") from None


def _stamp(file: BinaryIO) -> tuple[int, int] | None:
    """When a file was written last and how long it is; a pipe grows as it is read."""
    found = os.fstat(file.fileno())
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _rows(path: Path, file: TextIO) -> Records:
    row, lines = 0, 0
    try:
        head = _head(file)
        mark = _separator(head[-1]) if head else ","
        text = chain(head, file)
        rows = csv.reader(text, delimiter=mark, skipinitialspace=True, strict=True)
        for row, cells in enumerate(rows, start=1):
            lines = rows.line_num
            if cells:
                yield row, cells
    except csv.Error as error:
        raise DataError(f"{path}, row {row + 1}: {_reason(str(error))}") from None
    except UnicodeDecodeError as error:
        line = lines + 1 + len(LINE_END.findall(error.object[: error.start]))
        raise DataError(f"{path}, line {line}: expected UTF-8 text, got other bytes") from None


def _head(file: TextIO) -> list[str]:
    """The lines to the first that is not blank."""
    head: list[str] = []
    while line := file.readline():
        head.append(line)
        if line.strip("\r\n"):
            break
    return head


def _separator(line: str) -> str:
    """What stands between the columns of a header: a comma, if there is one."""
    bare = QUOTED.sub("", line)
    return next((mark for mark in ",\t;" if mark in bare), ",")


def _reason(text: str) -> str:
    """What the reader of CSV found, in the words of one who looks at the file."""
    if "expected after" in text:
        return "expected the end of a cell after its closing quote"
    if "end of data" in text:
        return "a quote is opened and never closed"
    if "field limit" in text:
        return f"a cell of more than {csv.field_size_limit():,} characters; is a quote not closed?"
    return text

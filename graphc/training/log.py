"""The log of a run, a table in a `.csv` file: a row for each epoch, written when it is done."""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import math
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from graphc.data import DataError
from graphc.files import naming, write_atomically
from graphc.training.history import Epoch

Row = dict[str, str]


class Log:
    """The rows of the epochs up to `first`, as they stand in the file, and those that are added.

    The columns are epoch, loss, held_loss, the metrics' `names` and seconds; what is not known is
    empty. Seconds go on from those of the last row that is kept. The file is made, or replaced,
    with the first row that is added; others are appended, each in one piece, so whoever ends the
    process leaves whole lines. Raises `DataError` if `first` is not 0 and the file is another.
    """

    def __init__(self, path: Path, names: Sequence[str], first: int) -> None:
        self._path, self._told = path, False
        kept = [row for row in _read(path) if int(row["epoch"]) <= first] if first else []
        columns = dict.fromkeys([*(kept[0] if kept else []), "epoch", "loss", "held_loss", *names])
        columns.pop("seconds", None)
        self._columns = [*columns, "seconds"]
        self._before = float(kept[-1]["seconds"]) if kept else 0.0
        self._waiting = _line(self._columns) + "".join(map(self._row, kept))
        self._begun = False  # whether the file is this log

    def add(self, epoch: Epoch, complain: Callable[[str], None]) -> None:
        """Write the row of an epoch; if that fails it waits for the next, and `complain` tells."""
        known = {name: repr(value) for name, value in epoch.metrics.items()}
        known |= {"epoch": str(epoch.epoch), "loss": repr(epoch.loss)}
        known["held_loss"] = "" if epoch.held_loss is None else repr(epoch.held_loss)
        known["seconds"] = f"{self._before + epoch.seconds:.3f}"
        self._waiting += self._row(known)
        try:
            self.write()
        except OSError as error:
            if not self._told:
                with contextlib.suppress(OSError):  # what is printed may be on the same disk
                    complain(f"graphc: {self._path}: {error.strerror}; trains on, tries again")
            self._told = True

    def write(self) -> None:
        """Write the rows that wait, if any do; raises `OSError` if they cannot be."""
        rows = self._waiting.encode()
        if not self._begun:
            write_atomically(self._path, rows)
        elif rows:
            with naming(self._path), self._path.open("ab", buffering=0) as file:
                end = file.tell()
                if file.write(rows) < len(rows):
                    file.truncate(end)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._begun, self._waiting = True, ""

    def _row(self, row: Row) -> str:
        return _line(row.get(name) or "" for name in self._columns)


def _line(cells: Iterable[str]) -> str:
    """Cells as a line of the file; those that somebody added may need quotes."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _read(path: Path) -> list[Row]:
    """The whole rows of a log; none if there is no such file, or nothing in it."""
    try:
        text = path.read_text(encoding="utf-8")
        table = csv.DictReader(io.StringIO(text.rpartition("\n")[0]), strict=True)
        rows, columns = list(table), table.fieldnames or []
        sound = columns[:1] == ["epoch"] and len(set(columns)) == len(columns)
        sound = sound and all(
            None not in row and int(row["epoch"]) > 0 <= float(row["seconds"]) < math.inf
            for row in rows
        )
        sound = sound or not text
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, csv.Error):
        sound = False
    if not sound:
        raise DataError(f"{path}: no log to go on with; --log with another name begins one")
    return rows

"""The log of a run, a table in a `.csv` file: a row for each epoch, written when it is done."""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import os
from collections.abc import Callable, Sequence
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
        columns = dict.fromkeys(kept[0] if kept else ["epoch", "loss", "held_loss"])
        columns |= dict.fromkeys(names)
        columns.pop("seconds", None)
        self._columns = [*columns, "seconds"]
        self._before = float(kept[-1]["seconds"]) if kept else 0.0
        self._waiting = ",".join(self._columns) + "\n" + "".join(map(self._line, kept))
        self._begun = False  # whether the file is this log

    def add(self, epoch: Epoch, complain: Callable[[str], None]) -> None:
        """Write the row of an epoch; if that fails it waits for the next, and `complain` tells."""
        known = {name: repr(value) for name, value in epoch.metrics.items()}
        known |= {"epoch": str(epoch.epoch), "loss": repr(epoch.loss)}
        known["held_loss"] = "" if epoch.held_loss is None else repr(epoch.held_loss)
        known["seconds"] = f"{self._before + epoch.seconds:.3f}"
        self._waiting += self._line(known)
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

    def _line(self, row: Row) -> str:
        return ",".join(row.get(name) or "" for name in self._columns) + "\n"


def _read(path: Path) -> list[Row]:
    """The whole rows of a log; none if there is no such file."""
    try:
        text = path.read_text(encoding="utf-8").rpartition("\n")[0]
        table = csv.DictReader(io.StringIO(text), strict=True)
        rows, columns = list(table), table.fieldnames or ["epoch"]
        sound = columns[0] == "epoch" and all(
            int(row["epoch"]) > 0 <= float(row["seconds"]) for row in rows
        )
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, csv.Error):
        sound = False
    if not sound:
        raise DataError(f"{path}: no log to go on with; --log with another name begins one")
    return rows

"""Predictions written: a table with a row for each row of the data, or arrays by name."""

from __future__ import annotations

import csv
import errno
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphc.data.columns import cell_names
from graphc.data.errors import CallError, DataError, shape_text
from graphc.data.rows import batch_axes, row_count, take
from graphc.files import check_folder

if TYPE_CHECKING:
    from graphc.model import Data

BLOCK = 4096  # rows that become text at once: as text they take many times their bytes

Outputs = dict[str, NDArray[Any]]


def named_outputs(names: Sequence[str], outputs: Any) -> Outputs:
    """What `predict` returned, by name, also if it is a single array."""
    if isinstance(outputs, dict):
        return {name: np.asarray(output) for name, output in outputs.items()}
    return {names[0]: np.asarray(outputs)}


def predicted(
    predict: Callable[..., Any],
    names: Sequence[str],
    data: Sequence[Data],
    arrays: Sequence[NDArray[Any]],
) -> Outputs:
    """What `predict` makes of the inputs among `arrays`, which are for all `data`; by name."""
    given = zip(data, arrays, strict=True)
    return named_outputs(names, predict(*(array for one, array in given if one.kind == "input")))


def predict_rows(
    predict: Callable[..., Any],
    names: Sequence[str],
    inputs: Sequence[Data],
    arrays: Sequence[NDArray[Any]],
    outputs: Outputs,
) -> Outputs:
    """The `outputs` for `arrays` with their rows on the first axis; one row if there is no batch.

    An output does not say which of its axes counts rows; a second prediction, for another number
    of rows, does: it is the axis that changes. An output without one is left out.
    """
    count = row_count(inputs, arrays)
    if count is None:
        return {name: output[None] for name, output in outputs.items()}
    other = np.zeros(2 if count == 1 else 1, dtype=np.intp)
    probe = named_outputs(names, predict(*take(inputs, arrays, other)))
    turned: Outputs = {}
    for name, output in outputs.items():
        axes = [
            axis
            for axis, (size, changed) in enumerate(
                zip(output.shape, probe[name].shape, strict=True)
            )
            if size != changed
        ]
        if len(axes) == 1:
            turned[name] = np.moveaxis(output, axes[0], 0)
    return turned


def insist_on_rows(outputs: Outputs, rows: Outputs) -> None:
    """Raises `DataError` if an output is not among those that have rows."""
    for name, output in outputs.items():
        if name not in rows:
            raise DataError(
                f"output {name!r} is {shape_text(output.shape)}, which has no row for each row of "
                "the data; -o OUT.npz keeps it as it is"
            )


def predicted_labels(
    targets: Iterable[Data], labels: Mapping[str, Sequence[str]], outputs: Outputs
) -> dict[str, list[str]]:
    """The label with the largest score, for each target with labels that an output scores.

    `outputs` have their rows first; an output scores a target `int[batch]` if it is
    [rows, classes]. A class that never had a label keeps its number.
    """
    columns: dict[str, list[str]] = {}
    for target, output, names in _scoring(targets, labels, outputs):
        if target not in columns:
            columns[target] = [names[place] for place in outputs[output].argmax(axis=1)]
    return columns


def class_names(
    targets: Iterable[Data], labels: Mapping[str, Sequence[str]], outputs: Outputs
) -> dict[str, list[str]]:
    """The names of the classes that an output has scores for, by output; arguments as above."""
    found = [*_scoring(targets, labels, outputs)]
    return {output: names for _, output, names in reversed(found)}


def _scoring(
    targets: Iterable[Data], labels: Mapping[str, Sequence[str]], outputs: Outputs
) -> Iterator[tuple[str, str, list[str]]]:
    """Targets with labels, each output that scores them, and the names of its columns."""
    for target in targets:
        known = labels.get(target.name, ())
        if not known or batch_axes(target) != (0,) or len(target.shape) != 1:
            continue
        names = [*known, *map(str, range(len(known), target.classes or 0))]
        for name, output in outputs.items():
            if output.ndim == 2 and output.shape[1] == len(names):
                yield target.name, name, names


def csv_text(
    outputs: Outputs,
    labels: Mapping[str, Sequence[str]],
    classes: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """A CSV table of outputs with rows first: columns `p`, or `p[0]`, `p[1]` …, then labels.

    `classes` are names for the columns of an output, which are `p[apple]`, `p[pear]` … then.
    Numbers have the fewest digits that give the same number back.
    """
    header = []
    for key, output in outputs.items():
        names = (classes or {}).get(key)
        named = [f"{key}[{name}]" for name in names or ()]
        header += named or cell_names(key, output.shape[1:])
    flat = [output.reshape(len(output), -1) for output in outputs.values()]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*header, *labels])
    for start in range(0, max(map(len, flat), default=0), BLOCK):
        part = slice(start, start + BLOCK)
        columns = [column for output in flat for column in output[part].T.astype(str).tolist()]
        words = (column[part] for column in labels.values())
        writer.writerows(zip(*columns, *words, strict=True))
    return file.getvalue()


def archive_of(outputs: Outputs) -> bytes:
    """The content of an `.npz` file; unlike `np.savez`, also of an array called `file`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, output in outputs.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, output, allow_pickle=False)
    return content.getvalue()


def check_output(path: Path, sources: Iterable[Path | None]) -> None:
    """See, before the work begins, that `path` can be written and is none of the `sources`.

    Raises `OSError` for a directory, a device or a place that cannot be written, `CallError` for
    a source.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not a file that can be replaced", str(path))
    folder = Path(os.path.realpath(path)).parent  # where it is written
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
    check_folder(folder)
    for source in sources:
        if source is not None and path.exists() and source.exists() and path.samefile(source):
            raise CallError(f"{path}: the output would replace what is read; give another name")

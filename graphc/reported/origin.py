"""What a run begins with, as it was when it began: the model, the data, the command."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graphc import __version__
from graphc.drawn import picture
from graphc.drawn.svg import figure
from graphc.opening import opened

if TYPE_CHECKING:
    from graphc.compiled import Compiled
    from graphc.training.notes import Notes

REPLACED = (
    "is replaced by what this run saves: before the command can go on from it once more it has to"
    " be put back as it was, with the SHA-256 above"
)
LARGEST = 2000  # values of a graph that is drawn: more take seconds, and nobody finds a way there


@dataclass(frozen=True)
class Origin:
    """The words that graphc was called with, and all that they name.

    `drawing` is an `svg` element, empty for a model that is too large to be drawn.
    `files` are what each was for, and its name and digest; `warnings` those of the compiler. The
    `seed` is empty if it is the model's own.
    """

    command: Sequence[str]
    model: str
    text: str
    drawing: str
    files: Sequence[tuple[str, str]]
    warnings: Sequence[str] = ()
    seed: str = ""


def origin(
    compiled: Compiled,
    command: Sequence[str],
    file: Path,
    *,
    data: Path | None = None,
    resume: Path | None = None,
    save: Path | None = None,
    seed: int | None = None,
) -> Origin:
    """The origin of a run of the model in `file` that reads these, but for `save`: it writes that.

    Raises OSError if one cannot be read.
    """
    drawing = ""
    if len(compiled.graph.nodes) <= LARGEST:
        drawn = picture(compiled.graph)
        drawing = figure(drawn, drawn.top, drawn.title, head=False)
    named = [("model", file), ("data", data), ("goes on from", resume)]
    files = [(what, f"{path}, {digest(path)}") for what, path in named if path is not None]
    if resume and save and save.exists() and save.samefile(resume):
        files.append(("note", f"{save} {REPLACED}"))
    return Origin(
        command,
        file.name,
        opened(file).text,
        drawing,
        files,
        [str(one) for one in compiled.warnings],
        "that of the checkpoint" if resume else "" if seed is None else str(seed),
    )


def digest(path: Path) -> str:
    """The SHA-256 of a file, or that it is none: a pipe can be read only once."""
    if not path.is_file():
        return "not a file"
    with path.open("rb") as file:
        return f"SHA-256 {hashlib.file_digest(file, 'sha256').hexdigest()}"


def versions() -> str:
    """What computed it."""
    return f"graphc {__version__}, NumPy {np.__version__}, Python {platform.python_version()}"


def handed(command: Sequence[str], notes: Notes) -> list[str]:
    """The command with the options that a checkpoint handed on, which now may hold others."""
    words = list(command)
    known = {
        "--batch-size": notes.batch_size,
        "--holdout": notes.holdout,
        "--learning-rate": notes.learning_rate,
        "--patience": notes.patience,
    }
    for option, value in known.items():
        if "--resume" in words and option not in words and value is not None:
            words += [option, str(value)]
    return words


def until(command: Sequence[str], epochs: int) -> list[str]:
    """The command that ends after so many epochs."""
    words = list(command)
    if "--epochs" in words:
        words[words.index("--epochs") + 1] = str(epochs)
        return words
    return [*words, "--epochs", str(epochs)]

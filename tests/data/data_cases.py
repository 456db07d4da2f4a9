"""The data of a small model, and what is said about files that do not fit it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from graphc.data import DataError, load, parse_columns
from graphc.model import Data

X = Data("x", "input", False, ("batch", 2), None)
Y = Data("y", "target", True, ("batch",), 3)
T = Data("t", "target", False, ("batch", 1), None)
WRITE = Callable[..., Path]


def told(path: Path, data: Sequence[Data], **options: Any) -> str:
    """The message of the error that `load` raises, the path cut to its name."""
    with pytest.raises(DataError) as caught:
        load(path, data, **options)
    message = str(caught.value).replace(str(path), path.name)
    assert len(message.splitlines()) <= 2
    return message


def columns(**names: str) -> dict[str, tuple[str, ...]]:
    return parse_columns([f"{name}={text}" for name, text in names.items()])

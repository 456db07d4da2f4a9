"""Data files made for a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_cases import WRITE


@pytest.fixture
def csv_file(tmp_path: Path) -> WRITE:
    def write(text: str | bytes) -> Path:
        path = tmp_path / "d.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def npz_file(tmp_path: Path) -> WRITE:
    def write(**arrays: Any) -> Path:
        path = tmp_path / "d.npz"
        np.savez(path, **arrays)
        return path

    return write

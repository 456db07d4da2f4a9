"""The memory that a table takes while it is read: that of its numbers, whatever its text."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks.tables import MEGA, peak, write

SIZES = (1, 5)  # megabytes of text


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell the most memory")
def test_a_longer_text_takes_no_more_than_its_numbers(tmp_path: Path) -> None:
    beside = []
    for size in SIZES:
        path, numbers = write(tmp_path, size)
        beside.append(peak("read", path) - numbers)
    # 12 bytes of text stand for a number of 4: as doubles it would be 1.3 MB more, as text far more
    assert beside[1] - beside[0] < MEGA

"""How a run is told: its line on a terminal, durations as texts."""

from __future__ import annotations

import pytest

from graphc.training.meter import Reading, clock, seconds
from graphc.training.progress import round_step


@pytest.mark.parametrize("width", [200, 97, 80, 60, 30, 8])
def test_a_line_fits_the_terminal(width: int) -> None:
    reading = Reading(120, 1000, 0.00012345, 0.12345, ("accuracy", 0.985), 48123.0, "samples", 83.0)
    line = reading.line(width)
    assert len(line) <= width
    assert "epoch  120/1000".startswith(line[:15])
    assert ("1 min 23 s left" in line) == (width > 97)
    assert ("1:23 left" in line) == (80 <= width <= 97)


def test_texts() -> None:
    durations = (0.04, 1.26, 12.2, 200, 7500)
    assert [seconds(d) for d in durations] == ["40 ms", "1.3 s", "12 s", "3 min 20 s", "2 h 5 min"]
    assert [clock(d) for d in durations[2:]] == ["0:12", "3:20", "2:05:00"]
    assert [round_step(n) for n in (0, 20, 21, 100, 101, 2000)] == [1, 1, 2, 5, 10, 100]

"""How a run is told: its line on a terminal, durations as texts."""

from __future__ import annotations

import numpy as np
import pytest
from test_training import CLASSIFIER

from graphc.training import meter as meters
from graphc.training.meter import Meter, Reading, clock, seconds
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


def test_speed_is_that_of_the_steps_whatever_is_done_between_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(meters.time, "perf_counter", lambda: now)
    trainer = CLASSIFIER.load().Trainer()
    arrays = np.zeros((10, 2), np.float32), np.zeros(10, np.int64)
    meter = Meter(trainer, CLASSIFIER.model, arrays, None, 10, 5, 0, 4)
    for _ in range(3):
        now += 0.5
        trainer.steps += meter.steps_per_epoch
        with meter.between():
            now += 9.0
            meter.add(1.0, evaluate=False)
    reading = meter.read()
    assert reading.rate == 20
    assert reading.left == 9.5
    assert meter.step_time == 0.25


def test_what_is_left_is_not_told_by_a_slow_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    now, left = 0.0, []
    monkeypatch.setattr(meters.time, "perf_counter", lambda: now)
    trainer = CLASSIFIER.load().Trainer()
    arrays = np.zeros((10, 2), np.float32), np.zeros(10, np.int64)
    for beginning in (7.0, 50.0):  # which in a long run is no mere beginning
        now, trainer.steps = 0.0, 0
        meter = Meter(trainer, CLASSIFIER.model, arrays, None, 10, 5, 0, 60)
        for epoch in range(3):
            now += 1.0 if epoch else beginning
            trainer.steps += meter.steps_per_epoch
            with meter.between():
                meter.add(1.0, evaluate=False)
                left.append(round(meter.read().left))
    assert left == [0, 58, 57, 59 * 50, 58, 57]

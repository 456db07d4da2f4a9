"""What the page of a run is drawn from: moments, histograms, curves and their axes."""

from __future__ import annotations

import re

import numpy as np
import pytest

from graphc.reported.chart import Frame, chart
from graphc.reported.curves import thinned
from graphc.reported.moments import MOST, Moments, magnitudes, spread
from graphc.reported.page import page
from graphc.reported.report import Fit, Moment, Report, Score
from graphc.reported.scales import Scale, fitted, labels
from graphc.training.history import Epoch


def test_moments_move_apart_as_a_run_grows() -> None:
    moments = Moments(5)
    numbers = {"w": np.arange(3.0)}
    for epoch in range(5, 1001):
        if moments.due(epoch):
            moments.add(epoch, numbers, numbers)
    epochs = [one.epoch for one in moments.all]
    assert epochs[0] == 5
    assert MOST // 2 <= len(epochs) <= MOST
    assert len(set(np.diff(epochs))) == 1
    assert 1000 - epochs[-1] < epochs[1] - epochs[0]


def test_histograms_count_every_number() -> None:
    numbers = np.random.default_rng(0).normal(size=(30, 40)).astype(np.float32)
    numbers[0] = 0
    one = spread(numbers)
    assert sum(one.counts) == one.size == numbers.size
    assert (one.low, one.high) == (numbers.min(), numbers.max())
    assert one.norm == pytest.approx(float(np.linalg.norm(numbers)))
    sizes = magnitudes(numbers)
    assert sizes.zeros == 40
    assert sum(sizes.counts) == numbers.size - 40
    assert 10**sizes.high == pytest.approx(float(np.abs(numbers).max()))
    assert magnitudes(np.zeros(50)).zeros == spread(np.ones(50)).counts[0] == 50


@pytest.mark.parametrize(
    "numbers",
    [
        (0.1, np.nextafter(0.1, 1)),
        (0, 5e-324),
        (1e-310, 1e-320, 0),
        (-1e308, 1.7e308),
        (3e38, np.nan),
        (np.inf, np.nan),
    ],
)
@pytest.mark.parametrize("times", [1, 9])  # few are drawn themselves
def test_numbers_that_are_hard_to_draw_stop_nothing(numbers: list[float], times: int) -> None:
    array = np.array([*numbers] * times)
    with np.errstate(all="ignore"):
        weights, gradients = {"w": spread(array)}, {"w": magnitudes(array)}
    assert sum(weights["w"].counts) <= array.size
    moments = [Moment(epoch, weights, gradients) for epoch in (0, 1)]
    losses = [Epoch(place, loss, None, {}, 0.0) for place, loss in enumerate(array.tolist(), 1)]
    fit = Fit("y", array, array[::-1])
    score = Score(kept=1, done=len(losses), wanted=len(losses))
    report = Report(
        title="", when="", command="", facts=(), score=score, epochs=losses, fits=[fit],
        moments=moments,
    )  # fmt: skip
    with np.errstate(all="ignore"):
        text = page(report)
    assert text.count("<svg") >= 4
    assert ">nan<" not in text


def test_residuals_are_those_of_wide_numbers() -> None:
    """In float32 the square of a residual overflows, and NumPy warns of it in the terminal."""
    fit = Fit("y", np.array([1e30, -1e30], np.float32), np.zeros(2, np.float32))
    score = Score(kept=1, done=1, wanted=1)
    report = Report(title="", when="", command="", facts=(), score=score, fits=[fit])
    assert "mean 0, deviation 1e30" in page(report)


def test_a_long_curve_keeps_its_peaks() -> None:
    points = [(float(epoch), 1 / epoch) for epoch in range(1, 10_001)]
    points[7_123] = (7_124.0, 3.0)
    few = thinned(points)
    assert len(few) <= 400
    assert few == sorted(few)
    assert {points[7_123], points[0], points[-1]} <= {*few}
    assert thinned(points[:300]) == points[:300]


def test_no_axis_has_one_number_alone() -> None:
    for low in (-0.37, 0.1, 3.2, -1e6):
        for wide in (0.01, 0.3, 0.74, 1.4, 5.0, 3e6):
            for log in (False, True)[: 1 + (low > 0)]:
                scale = Scale(low, low + wide, 0, 188, log)
                ticks = scale.ticks(48)
                assert 2 <= len(ticks) <= 5
                assert all(0 <= scale(tick) <= 188.001 for tick in ticks)


def test_numbers_at_an_axis_have_room() -> None:
    frame = Frame(400, 200)
    for most in (1.0, 8e5, 4e6):
        y = Scale(-most, most, *frame.up)
        svg = chart(frame, Scale(0, 1, *frame.across), y, [], title="loss")
        begin = float(svg.partition('viewBox="')[2].split()[0])
        ends = [float(one) for one in re.findall(r'class="end" x="([0-9.]+)"', svg)]
        words = re.findall(r'class="end"[^>]*>([^<]+)<', svg)
        assert "0" in words
        assert all(end - 6 * len(word) >= begin for end, word in zip(ends, words, strict=True))


@pytest.mark.parametrize(
    ("values", "log", "ticks"),
    [
        ([0.0, 10.0], False, ["0", "5", "10"]),
        ([0.001, 10.0], True, ["0.001", "0.01", "0.1", "1", "10"]),
        ([1e-12, 1.0], True, ["1e-12", "1e-9", "1e-6", "0.001", "1"]),
        ([0.96921, 0.96924], False, ["0.96921", "0.96922", "0.96923", "0.96924"]),
        ([2.0, 2.0], False, ["1", "1.5", "2", "2.5", "3"]),
        ([-5.0, float("inf"), float("nan"), 5e6], False, ["0", "2e6", "4e6"]),
    ],
)
def test_ticks_are_round_and_told_apart(values: list[float], log: bool, ticks: list[str]) -> None:
    scale = fitted(values, 0, 150)
    assert scale.log is log
    assert labels(scale.ticks()) == ticks
    for value in filter(np.isfinite, values):
        assert 0 <= scale(value) <= 150

"""Fresh processes: the time to the first step, the most memory, and what a step allocates."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.peers import Contender
from tests.benchmarks.process import Failed, opened
from tests.benchmarks.steps import Effort, summary

START = "digits"
MEMORY = ("digits", "wide")
PEERS = ("graphc", "naive", "torch", "jit")  # what a process may hold to train
STEPS = 10  # after which the memory of training is all there


def measure_start(
    contenders: Sequence[Contender], folder: Path, effort: Effort, threads: int
) -> dict[str, Any]:
    """Milliseconds from the start of a process to its first finished step, in rounds.

    The first round is not counted: it reads the libraries from the disk, and Python compiles what
    it imports for the first time.
    """
    rounds: dict[str, list[float]] = {one.key: [] for one in contenders}
    left_out: dict[str, str] = {}
    order, shuffler = list(contenders), random.Random(0)
    for _ in range(effort.repeats + 1):
        shuffler.shuffle(order)
        for one in [each for each in order if each.label not in left_out]:
            began = time.perf_counter()
            try:
                with opened(one.key, folder, threads) as process:
                    process.ask("run", 1)
                    rounds[one.key].append(1e3 * (time.perf_counter() - began))
            except Failed as error:
                left_out[one.label] = str(error)
                del rounds[one.key]
    counted = {key: times[1:] for key, times in rounds.items()}
    return {
        "title": f"from the start of a process to its first finished step, {START}",
        "contenders": {
            key: summary(times, counted.get("graphc")) for key, times in counted.items()
        },
        "left_out": left_out,
    }


def measure_memory(
    contenders: Sequence[Contender], folders: Mapping[str, Path], threads: int
) -> dict[str, Any]:
    """The most bytes that a process has in memory in its first steps, by case and contender."""
    found: dict[str, Any] = {}
    for case, folder in folders.items():
        found[case] = {}
        for one in contenders:
            try:
                with opened(one.key, folder, threads) as process:
                    process.ask("run", STEPS)
                    found[case][one.key] = process.ask("peak")
            except Failed as error:
                found[case][one.key] = str(error)
    return found


def measure_allocated(folders: Mapping[str, Path], threads: int) -> dict[str, dict[str, int]]:
    """Bytes that a step of graphc's module has at its peak beyond those before it, and keeps."""
    found = {}
    for case, folder in folders.items():
        with opened("graphc", folder, threads) as process:
            peak, kept = process.ask("allocated", 20)
        found[case] = {"peak": peak, "kept": kept}
    return found


def start_ratio(start: Mapping[str, Any], key: str) -> float | None:
    """The median of graphc's times over a contender's; None if it was not measured."""
    contender = start["contenders"].get(key)
    return contender["ratio"] if contender else None


def megabytes(memory: Mapping[str, Any]) -> list[tuple[str, str, float, float]]:
    """Case, contender, megabytes, and graphc's share of them."""
    return [
        (case, key, value / 1e6, values["graphc"] / value)
        for case, values in memory.items()
        for key, value in values.items()
        if isinstance(value, int) and isinstance(values.get("graphc"), int)
    ]

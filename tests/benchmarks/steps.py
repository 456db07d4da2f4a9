"""Time per step: all contenders of a case in rounds, each a short burst in every round."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Any

from tests.benchmarks import calm
from tests.benchmarks.cases import Case
from tests.benchmarks.peers import Contender
from tests.benchmarks.process import Failed, Process, opened

CLOSE = 1e-3  # how far the losses of contenders may differ, relative to the reference's
EPOCHS = 2


class Disagreement(Exception):
    """Contenders do not compute the same losses: the message names them."""


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    rounds: int  # that other processes do not disturb
    least: int  # rounds, the least disturbed, if time runs out
    seconds: float  # for the rounds of a case
    burst: float  # seconds
    repeats: int  # of fresh processes
    largest: int  # nodes of a source that is compiled


FULL, QUICK = Effort(25, 9, 30, 0.05, 7, 100_000), Effort(5, 5, 0, 0.003, 2, 1_000)


def measure(
    case: Case, contenders: Sequence[Contender], folder: Path, effort: Effort, threads: int
) -> dict[str, Any]:
    """What is known of a case, ready for JSON; raises Disagreement.

    A round in which other processes take a share of the processors is not counted.
    """
    with contextlib.ExitStack() as stack:
        running: dict[str, Process] = {}
        notes: dict[str, str] = {}
        losses: dict[str, list[float]] = {}
        left_out: dict[str, str] = {}
        for one in contenders:
            try:
                process = stack.enter_context(opened(one.key, folder, threads))
                note, told = process.ask("tune"), process.ask("epochs", EPOCHS)
            except Failed as error:
                left_out[one.label] = str(error)
                continue
            running[one.key], notes[one.key] = process, note
            if told is not None:
                losses[one.label] = told
        agree(case, losses)
        steps = {key: process.ask("calibrate", effort.burst) for key, process in running.items()}
        taken: list[tuple[float, dict[str, float]]] = []
        order, shuffler, watch = list(running), random.Random(0), calm.Watch(*running.values())
        deadline = time.perf_counter() + effort.seconds
        while len(taken) < effort.least or (
            undisturbed(taken) < effort.rounds and time.perf_counter() < deadline
        ):
            shuffler.shuffle(order)
            bursts = {key: 1e6 * running[key].ask("burst", steps[key]) for key in order}
            taken.append((watch.look(), bursts))
    kept = sorted(taken, key=lambda one: one[0])[: max(effort.least, undisturbed(taken))]
    rounds = {key: [bursts[key] for _, bursts in kept] for key in running}
    results = {
        key: {"steps": steps[key], "note": notes[key], **summary(times, rounds.get("graphc"))}
        for key, times in rounds.items()
    }
    others = {"others": fmean(share for share, _ in kept), "repeated": len(taken) - len(kept)}
    return {"title": case.title, "contenders": results, "left_out": left_out, **others}


def undisturbed(taken: list[tuple[float, dict[str, float]]]) -> int:
    """How many rounds had the machine for themselves."""
    return sum(share < calm.CALM for share, _ in taken)


def agree(case: Case, losses: dict[str, list[float]]) -> None:
    """Raises Disagreement unless everyone's losses are those of most, and fall."""
    middle = [median(column) for column in zip(*losses.values(), strict=True)]
    for label, told in losses.items():
        pairs = zip(told, middle, strict=True)
        if not all(abs(mine - theirs) <= CLOSE * abs(theirs) for mine, theirs in pairs):
            raise Disagreement(f"{case.name}: {label} has the losses {told}, most have {middle}")
    if middle and not middle[-1] < 0.99 * middle[0]:
        raise Disagreement(f"{case.name}: the losses do not fall, {middle}: they prove nothing")


def summary(times: list[float], base: list[float] | None) -> dict[str, Any]:
    """Median and quartiles of the rounds, and the median of their ratios graphc / contender.

    Ratios are taken within a round: what slows the machine for a while slows both.
    """
    low, _, high = quantiles(times, n=4, method="inclusive")
    ratios = [ours / theirs for ours, theirs in zip(base or (), times, strict=base is not None)]
    return {
        "rounds": times,
        "median": median(times),
        "quartiles": [low, high],
        "ratio": median(ratios) if ratios else None,
    }

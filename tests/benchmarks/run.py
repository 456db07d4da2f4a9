"""A whole run: every case and part that is asked for, one after the other."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import calm, fresh, growth, machine, problem, steps
from tests.benchmarks.cases import CASES
from tests.benchmarks.peers import CONTENDERS
from tests.benchmarks.targets import targets

PARTS = ("start", "memory", "compiler")


def measure(
    names: Sequence[str], keys: Sequence[str], effort: steps.Effort, threads: int
) -> dict[str, Any]:
    """What was measured, ready for JSON; raises steps.Disagreement and process.Failed.

    `names` are of cases and parts, `keys` of contenders; graphc is one whatever they say.
    """
    asked = [one for one in CONTENDERS.values() if one.key in keys or one.key == "graphc"]
    here = [one for one in asked if one.installed]
    missing = {one.label: f"{one.needs} is not installed" for one in asked if not one.installed}
    results: dict[str, Any] = {"machine": machine.describe(threads), "cases": {}}
    with tempfile.TemporaryDirectory(prefix="graphc-benchmarks-") as scratch:
        folders: dict[str, Path] = {}

        def folder(name: str) -> Path:
            if name not in folders:
                (case,) = (one for one in CASES if one.name == name)
                folders[name] = problem.write(case, Path(scratch))
            return folders[name]

        for case in [one for one in CASES if one.name in names]:
            tell(case.title)
            if effort is steps.FULL:
                calm.wait()
            contenders = [one for one in here if one.takes(case)]
            found = steps.measure(case, contenders, folder(case.name), effort, threads)
            found["left_out"] |= missing
            results["cases"][case.name] = found
        some = [one for one in here if one.key in fresh.PEERS]
        if "start" in names:
            tell("fresh processes")
            results["start"] = fresh.measure_start(some, folder(fresh.START), effort, threads)
        if "memory" in names:
            tell("memory")
            places = {name: folder(name) for name in fresh.MEMORY}
            results["memory"] = fresh.measure_memory(some, places, threads)
            results["allocated"] = fresh.measure_allocated(places, threads)
    if "compiler" in names:
        results["compiler"] = growth.measure(effort.largest, threads, tell)
    results["targets"] = targets(results)
    return results


def tell(what: str) -> None:
    """What goes on now, for whoever waits."""
    print(f"measuring {what}", file=sys.stderr, flush=True)

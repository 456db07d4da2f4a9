"""The process of one contender: `python -m tests.benchmarks.worker KEY FOLDER`.

Each contender has a process of its own, so that no library's threads or memory disturb another's.
It reads commands, a JSON list a line, from its standard input, and answers each with a line.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.peers import CONTENDERS
from tests.benchmarks.peers.session import Session


class Commands:
    """What the parent may ask for, by name."""

    def __init__(self, key: str, folder: Path) -> None:
        self.session: Session = CONTENDERS[key].open(folder)

    def tune(self) -> str:
        self.session.tune()
        return self.session.note

    def epochs(self, count: int) -> list[float] | None:
        """The losses to compare; None if the contender computes something else."""
        losses = self.session.epochs(count)
        return losses if self.session.compared else None

    def run(self, steps: int) -> float:
        return self.session.run(steps)

    def calibrate(self, seconds: float) -> int:
        """How many steps take about so long; the fastest of many tries tells, for one may stall."""
        unit, tries, fastest = self.session.unit, 0, math.inf
        steps, end = unit, time.perf_counter() + 20 * seconds
        while tries < 3 or time.perf_counter() < end:
            fastest = min(fastest, timed(self.session, steps) / steps)
            steps = round_up(seconds / fastest, unit)
            tries += 1
        return steps

    def burst(self, steps: int) -> float:
        """Seconds for each of some steps, after half as many that wake caches and threads."""
        self.session.run(round_up(steps / 2, self.session.unit))
        taken = timed(self.session, steps) / steps
        rest()
        return taken

    def cpu(self) -> float:
        """Processor seconds of this process, all its threads together."""
        return time.process_time()

    def allocated(self, steps: int) -> list[int]:
        """Bytes that a step has at its peak beyond those before it, and that it keeps: medians."""
        import tracemalloc

        self.session.run(round_up(10, self.session.unit))
        tracemalloc.start()
        peaks, kept, loss = [], [], self.session.run(1)
        for _ in range(steps):
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            loss = self.session.run(1)  # in the place of the last one: it does not count as kept
            after, peak = tracemalloc.get_traced_memory()
            peaks.append(peak - before)
            kept.append(after - before)
        tracemalloc.stop()
        assert math.isfinite(loss)
        return [sorted(values)[steps // 2] for values in (peaks, kept)]

    def peak(self) -> int:
        """The most bytes that this process ever had in memory."""
        status = Path("/proc/self/status")
        if status.exists():  # ru_maxrss would count what the parent had when it forked
            lines = status.read_text().splitlines()
            (line,) = (one for one in lines if one.startswith("VmHWM"))
            return 1024 * int(line.split()[1])
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else 1024 * most


def timed(session: Session, steps: int) -> float:
    """Seconds that some steps take."""
    start = time.perf_counter()
    session.run(steps)
    return time.perf_counter() - start


def round_up(steps: float, unit: int) -> int:
    """A number of steps that can be taken, at least one unit."""
    return max(1, round(steps / unit)) * unit


def rest() -> None:
    """Waits until the threads of a library stop spinning: they would slow the next contender.

    OpenBLAS's do so for 0.1 s after a product, PyTorch's for some milliseconds.
    """
    deadline = time.perf_counter() + 0.5
    while time.perf_counter() < deadline:
        before = time.process_time()
        time.sleep(0.002)
        if time.process_time() - before < 0.0005:
            return


def main() -> None:
    """Answers until there is nothing more to read."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not stand among the answers

    def answer(value: Any) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    try:
        commands = Commands(sys.argv[1], Path(sys.argv[2]))
        answer({"value": None})
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            answer({"value": getattr(commands, name)(*arguments)})
    except Exception as error:  # a library may raise anything: the parent tells it, and goes on
        told = (str(error).strip() or type(error).__name__).splitlines()[0]
        answer({"error": f"{type(error).__name__}: {told}"})


if __name__ == "__main__":
    main()

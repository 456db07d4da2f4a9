"""Whether other processes use the machine: what is measured meanwhile says little."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.benchmarks.process import Process

STAT = Path("/proc/stat")
CALM = 0.05  # the share of the processors that others may take
PATIENCE = 15  # seconds


class Watch:
    """The share of all processors that others take, from one look to the next."""

    def __init__(self, *processes: Process) -> None:
        self._processes = processes
        self._before = self._now()

    def look(self) -> float:
        """That share since the last look; 0 where the system does not tell."""
        before, self._before = self._before, self._now()
        wall, others = (now - then for now, then in zip(self._before, before, strict=True))
        return max(0.0, others / (wall * (os.cpu_count() or 1)))

    def _now(self) -> tuple[float, float]:
        """Seconds, and processor seconds of what is not ours."""
        own = time.process_time() + sum(process.ask("cpu") for process in self._processes)
        return time.perf_counter(), busy() - own


def busy() -> float:
    """Seconds that all processors together have worked since the machine started."""
    if not STAT.exists():
        return 0.0
    user, nice, system, _, _, *interrupts = map(int, STAT.read_text().split("\n")[0].split()[1:9])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def wait() -> None:
    """Waits until others leave the processors alone, or patience ends."""
    deadline = time.perf_counter() + PATIENCE
    watch = Watch()
    while time.perf_counter() < deadline:
        time.sleep(0.5)
        if watch.look() < CALM:
            return

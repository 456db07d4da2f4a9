"""The command: `python -m tests.fuzz`."""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from .known import ours
from .shrink import shrunk
from .texts import Input, made
from .trial import SECONDS, Outcome, attempt

CHUNK = 50  # inputs that a process takes at a time
MEMORY = 4 << 30  # bytes of a process
Tried = list[tuple[int, Outcome]]


def options() -> argparse.Namespace:
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--seed", type=int, default=0, help="the same inputs every time (0)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first input (0)")
    parser.add_argument("--minutes", type=float, default=60, help="at most as long (60)")
    parser.add_argument("--processes", type=int, default=cores, choices=range(1, cores + 1))
    parser.add_argument("--into", type=Path, default=Path("fuzz"), help="where failures go (fuzz)")
    return parser.parse_args()


def tried(seed: int, numbers: range) -> Tried:
    """What became of some inputs."""
    return [(number, attempt(made(seed, number))) for number in numbers]


def begin() -> None:
    """Prepares a process: memory is bounded, and the words that modules share are known."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    ours()


@dataclass
class Tally:
    """What was found so far, and where failures are written."""

    seed: int
    into: Path
    kinds: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, 0)
    failures: dict[str, int] = field(default_factory=dict)

    def take(self, number: int, outcome: Outcome) -> None:
        self.kinds[outcome.kind] += 1
        self.slowest = max(self.slowest, (outcome.seconds, number))
        if outcome.kind == "failed":
            self.failures[outcome.mark] = self.failures.get(outcome.mark, 0) + 1
            if self.failures[outcome.mark] == 1:
                self._write(number, outcome)

    def _write(self, number: int, outcome: Outcome) -> None:
        """The first input of each kind of failure, as it is and shrunk, with what was raised."""
        if outcome.mark == "killed":
            print(outcome.told, flush=True)
            return
        self.into.mkdir(parents=True, exist_ok=True)
        one = made(self.seed, number)
        small = shrunk(one, outcome.mark, SECONDS)
        for name, what in ((f"{number}.nn", small), (f"{number}-whole.nn", one)):
            (self.into / name).write_bytes(what.text.encode("utf-8", "surrogatepass"))
        told = [f"input {number} of seed {self.seed}: {outcome.mark}", _settings(small)]
        text = "\n".join([*told, "", outcome.told])
        (self.into / f"{number}.txt").write_text(text, encoding="utf-8")
        print(f"input {number}: {outcome.mark}: see {self.into / f'{number}.txt'}", flush=True)

    def show(self, seconds: float) -> None:
        refused = {kind: n for kind, n in self.kinds.items() if kind[0] in "EW"}
        print(f"{self.kinds.total():,} inputs of seed {self.seed} in {seconds:,.0f} s")
        print(f"{self.kinds['compiled']:,} compiled, every name in them known")
        print(f"{sum(refused.values()):,} refused, by the first error of each:")
        for kind, count in sorted(refused.items(), key=lambda pair: (-pair[1], pair[0])):
            print(f"    {kind}  {count:,}")
        print(f"the slowest took {self.slowest[0]:.2f} s: input {self.slowest[1]}")
        print(f"{self.kinds['failed']:,} failed")
        for mark, count in self.failures.items():
            print(f"    {mark}: {count:,}")


def _settings(one: Input) -> str:
    return f"file {one.file!r}, dtype {one.dtype}, plain {one.plain}"


def run(chosen: argparse.Namespace, tally: Tally) -> None:
    """Tries all inputs, in several processes; stops when the time is over."""
    end = time.monotonic() + 60 * chosen.minutes
    last = chosen.first + chosen.inputs
    chunks: Iterator[range] = (
        range(start, min(start + CHUNK, last)) for start in range(chosen.first, last, CHUNK)
    )
    with ProcessPoolExecutor(chosen.processes, initializer=begin) as pool:
        running: dict[Future[Tried], range] = {}
        while True:
            for numbers in islice(chunks, 2 * chosen.processes - len(running)):
                running[pool.submit(tried, chosen.seed, numbers)] = numbers
            if not running:
                return
            for one in wait(running, return_when=FIRST_COMPLETED).done:
                numbers = running.pop(one)
                try:
                    found = one.result()
                except BrokenProcessPool:
                    told = f"a process ended among the inputs from {numbers.start} on"
                    tally.take(numbers.start, Outcome("failed", 0.0, "killed", told))
                    return
                for number, outcome in found:
                    tally.take(number, outcome)
                if tally.kinds.total() % 5_000 < CHUNK:
                    print(f"{tally.kinds.total():,} inputs", file=sys.stderr, flush=True)
            if time.monotonic() > end:
                chunks = iter(())


def main() -> int:
    chosen = options()
    start, tally = time.monotonic(), Tally(chosen.seed, chosen.into)
    try:
        run(chosen, tally)
    except KeyboardInterrupt:
        print("stopped")
    tally.show(time.monotonic() - start)
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())

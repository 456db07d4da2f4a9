"""The command: `python -m tests.mutation`. Each mutant is a process of its own, one at a time."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from graphc.pipeline import front
from graphc.source import Source
from tests.mutation import conditions as written
from tests.mutation import records
from tests.mutation.conditions import FILES, conditions
from tests.mutation.equivalents import reason
from tests.mutation.mutant import Mutant
from tests.mutation.records import derivatives, forms, promises

TESTS = Path(__file__).parent.parent
SECONDS = 40  # of the processor: a mutant that takes longer counts as caught
ENDLESS = 6  # where a rewriter that goes in circles is likely, and the tests take less than one
ANY = "*"  # stands for every operation, where nothing is broken and no test may fail
SLOW = ("random_model_share", "twice_the_model")  # tests that are left out
MODELS = 20  # random models, of those in the tests
KINDS = ("adjoint", "overwrites", "identities", "stable", "planner", "gradient", "rewrites")
# tests by kind, those that are quick and likely to fail first
RELEVANT = {
    "adjoint": "ops conventions masks moves kernels corners differential",
    "overwrites": "promises ops masks bytes differential",
    "identities": "identities",
    "stable": "stable conventions",
    "planner": "golden bytes modes batch_norm memory speed updates differential plan",
    "gradient": "dumps golden conventions corners batch_norm differential",
    "rewrites": "rewrites dumps golden identities bytes conventions corners moves differential",
}


def mutants() -> Iterator[Mutant]:
    """All there are."""
    yield from derivatives()
    yield from promises()
    yield from forms("identities")
    yield from forms("stable")
    yield from conditions()


class Run:
    """Runs the tests on each mutant, in place of pytest's own loop."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.survivors: list[Mutant] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        front(Source("param p = 1\nloss p", "model.nn"))  # the grammar is read once
        todo = [one for one in mutants() if one.kind in self.chosen.kinds]
        todo = [one for one in todo if one.text.startswith(tuple(self.chosen.only))]
        count = len(todo) if self.chosen.all else min(self.chosen.sample, len(todo))
        todo = random.Random(self.chosen.seed).sample(todo, count)
        for kind in self.chosen.kinds if self.chosen.all else ():
            change = partial((written if kind in FILES else records).nothing, kind)
            assert not self._run(Mutant(kind, "nothing", change, ANY), session.items), kind
        counts: dict[str, Counter[str]] = {kind: Counter() for kind in self.chosen.kinds}
        start = time.monotonic()
        for place, one in enumerate(todo, 1):
            if reason(one.text):
                counts[one.kind]["equivalent"] += 1
                continue
            before = time.monotonic()
            if self.chosen.minutes and before - start > 60 * self.chosen.minutes:
                print(f"stopped after {place - 1} of {len(todo)}")
                break
            code = self._run(one, session.items)
            found = "caught" if code else "survived"
            if self.chosen.times:
                late = " late" if code < 0 else ""
                print(f"{time.monotonic() - before:6.1f} s {found}{late} {one.text}", flush=True)
            counts[one.kind][found] += 1
            counts[one.kind]["late"] += code < 0
            if found == "survived":
                print(f"survived [{one.kind}] {one.text}", flush=True)
            if place % 50 == 0:
                seconds = time.monotonic() - start
                print(f"... {place} of {len(todo)} in {seconds:.0f} s", flush=True)
        for kind, count in counts.items():
            all_ = count["caught"] + count["survived"]
            share = f"{count['caught'] / all_:.1%}" if all_ else "none"
            print(f"{kind}: {count['caught']} of {all_} caught ({share})", end="")
            late = f", {count['late']} of them by the time it took" if count["late"] else ""
            print(f"{late}, and {count['equivalent']} equivalent")
        session.testsfailed = sum(count["survived"] for count in counts.values())
        return True

    def _run(self, one: Mutant, items: Iterable[pytest.Item]) -> int:
        """0 if it survives, 1 if a test fails, below 0 if it was ended for taking too long."""
        child = os.fork()
        if child == 0:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            limit = ENDLESS if one.kind == "identities" else SECONDS
            if one.op != ANY:
                signal.setitimer(signal.ITIMER_PROF, limit)
            caught = True
            try:
                one.apply()
                caught = any(_fails(item) for item in relevant(one, items))
            finally:
                os._exit(caught)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def relevant(one: Mutant, items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The tests that a mutant is run through, in order."""
    order = RELEVANT[one.kind].split()
    found: dict[str, list[pytest.Item]] = {name: [] for name in order}
    for item in items:
        name = item.path.stem.removeprefix("test_")
        params: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
        of = getattr(params.get("op"), "name", one.op)
        few = params.get("start", 0) < MODELS and not any(one in item.name for one in SLOW)
        if name in found and few and (name != "ops" or one.op in {of, ANY}):
            # of an operation's tests those first that are about the arrays it takes
            first = one.kind == "overwrites" and "take" in item.name
            found[name].insert(0 if first else len(found[name]), item)
    return [item for name in order for item in found[name]]


def _fails(item: pytest.Item) -> bool:
    return any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


def options() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser("python -m tests.mutation", description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--sample", type=int, default=100, help="so many, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--all", action="store_true", help="every one")
    parser.add_argument("--minutes", type=float, help="stop after so many")
    parser.add_argument("--times", action="store_true", help="tell how long each took")
    begin = "those whose description begins so"
    parser.add_argument("--only", nargs="+", default=[""], metavar="TEXT", help=begin)
    return parser.parse_args()


def main() -> int:
    """Runs them; the exit code is 1 if one survives."""
    chosen = options()
    names = dict.fromkeys(name for kind in chosen.kinds for name in RELEVANT[kind].split())
    files = [str(TESTS / f"test_{name}.py") for name in names]
    there = [file for file in files if Path(file).exists()]
    arguments = ["-o", "addopts=", "-n0", "-q", "-p", "no:cacheprovider", *there]
    return int(pytest.main(arguments, plugins=[Run(chosen)]))


if __name__ == "__main__":
    sys.exit(main())

"""The command: `python -m tests.benchmarks`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from graphc.files import write_atomically
from tests.benchmarks import machine
from tests.benchmarks.cases import CASES
from tests.benchmarks.markdown import readme
from tests.benchmarks.peers import CONTENDERS
from tests.benchmarks.plot import draw
from tests.benchmarks.process import Failed
from tests.benchmarks.report import show
from tests.benchmarks.run import PARTS, measure
from tests.benchmarks.steps import FULL, QUICK, Disagreement


def some_of(allowed: list[str]) -> Callable[[str], list[str]]:
    """The type of an option that takes some of these, with commas between."""

    def names(text: str) -> list[str]:
        wanted = [name.strip() for name in text.split(",")]
        for name in wanted:
            if name not in allowed:
                raise argparse.ArgumentTypeError(
                    f"no {name!r} here; there are {', '.join(allowed)}"
                )
        return [name for name in allowed if name in wanted]

    return names


def options() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks", description=__doc__)
    cases, peers = [*(case.name for case in CASES), *PARTS], list(CONTENDERS)
    parser.add_argument("--cases", type=some_of(cases), default=cases, help=",".join(cases))
    parser.add_argument("--peers", type=some_of(peers), default=peers, help=",".join(peers))
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--threads", type=int, help="for each contender; all cores if not given")
    parser.add_argument("--output", type=Path, default=Path("benchmarks"), help="a folder")
    parser.add_argument("--saved", type=Path, metavar="JSON", help="show this, measure nothing")
    parser.add_argument("--readme", action="store_true", help="print the README's tables instead")
    return parser.parse_args()


def main() -> int:
    """Measures, or reads what was measured; prints and writes it."""
    chosen = options()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    try:
        if chosen.saved:
            results = json.loads(chosen.saved.read_text())
        else:
            chosen.output.mkdir(parents=True, exist_ok=True)
            threads = chosen.threads or machine.usable_cores()
            machine.confine(threads)
            effort = QUICK if chosen.quick else FULL
            results = measure(chosen.cases, chosen.peers, effort, threads)
            text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
            write_atomically(chosen.output / "benchmarks.json", text.encode())
        if chosen.readme:
            print(readme(results), end="")
            return 0
        show(results, console)
        folder = chosen.saved.parent if chosen.saved else chosen.output
        picture = draw(results)
        if picture is None:
            console.print("no plot: matplotlib is not installed")
        else:
            write_atomically(folder / "benchmarks.png", picture)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except (Disagreement, Failed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

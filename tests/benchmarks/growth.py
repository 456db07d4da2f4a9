"""How the compiler's time grows with the source: `python -m tests.benchmarks.growth NODES REPEATS`.

A process of its own compiles, and answers with the seconds of each stage as it is done.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from tests.benchmarks.process import Failed, Late, Process

SIZES = (100, 1_000, 10_000, 100_000)
LIMIT = 120  # seconds for one source
WIDTH = 16
NEAR = 20  # how far back a statement may read: a value lives for some time, but not for ever
TARGETS = {100: 0.1, 1_000: 1.0, 10_000: 5.0}  # seconds


def source(nodes: int) -> str:
    """A model of so many statements, one operation each: elementwise, every tenth a product."""
    rng = random.Random(0)
    parameters, statements = [], ["h0 = tanh(x)"]
    for i in range(1, nodes):
        last, other = f"h{i - 1}", f"h{rng.randrange(max(0, i - NEAR), i)}"
        if i % 10 == 0:
            parameters.append(f"param W{i} : [{WIDTH}, {WIDTH}] = xavier_normal")
            value = f"{last} @ W{i}"
        else:
            choices = (
                f"tanh({last})",
                f"sigmoid({last})",
                f"{last} + {other}",
                f"{last} * {other}",
            )
            value = rng.choice(choices)
        statements.append(f"h{i} = {value}")
    head = [f"input x : [batch, {WIDTH}]", f"target y : [batch, {WIDTH}]"]
    tail = [f"output h{nodes - 1}", f"loss mse(h{nodes - 1}, y)", "optimizer sgd"]
    return "\n".join([*head, *parameters, *statements, *tail]) + "\n"


def compile_once(text: str, on_stage: Callable[[str, float], None]) -> None:
    """Compiles, and tells the seconds of each stage with the checks after it."""
    import graphc

    began = time.perf_counter()

    def passed(stage: str, _: Any) -> None:
        nonlocal began
        now = time.perf_counter()
        on_stage(stage, now - began)
        began = time.perf_counter()

    graphc.compile_text(text, "model.nn", on_stage=passed)


def measure(largest: int, threads: int, tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """For each size the seconds of each stage, medians of the repeats, or why there are none."""
    found = []
    for nodes in [size for size in SIZES if size <= largest]:
        tell(f"compiling {nodes:,} nodes")
        repeats = 5 if nodes <= 1_000 else 1
        process = Process("growth", str(nodes), str(repeats), threads=threads)
        runs: list[dict[str, float]] = []
        row: dict[str, Any] = {"nodes": nodes}
        deadline = 0.0
        try:
            left: float = LIMIT
            while (answer := process.read(left)) is not None:
                if answer == "again":
                    runs.append({})
                    deadline = time.perf_counter() + LIMIT
                else:
                    stage, seconds = answer
                    runs[-1][stage] = seconds
                left = max(1, deadline - time.perf_counter())
        except Late:
            row["failed"] = f"took longer than {LIMIT} s"
        except Failed as error:
            row["failed"] = str(error)
        finally:
            process.close()
        if "failed" in row:
            found.append({**row, "stages": runs[-1] if runs else {}})
            break
        stages = {stage: median(run[stage] for run in runs) for stage in runs[0]}
        found.append({**row, "stages": stages, "total": sum(stages.values())})
    return found


def main() -> None:
    """Compiles something small first: what is read once is not counted."""
    nodes, repeats = map(int, sys.argv[1:])

    def answer(value: Any) -> None:
        print(json.dumps({"value": value}), flush=True)

    try:
        compile_once(source(30), lambda stage, seconds: None)
        text = source(nodes)
        for _ in range(repeats):
            answer("again")
            compile_once(text, lambda stage, seconds: answer([stage, seconds]))
        answer(None)
    except Exception as error:  # refused, or too deep: the parent tells it
        told = (str(error).strip() or type(error).__name__).splitlines()[0]
        print(json.dumps({"error": f"{type(error).__name__}: {told}"}), flush=True)


if __name__ == "__main__":
    main()

"""How much memory tables take: `python -m tests.benchmarks.tables 200 1000` (megabytes of text).

Each table is written, read and trained on in processes of their own; told are the most memory that
they had, and what of it is left beside Python, NumPy and the numbers themselves.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from graphc.compiled import compile_file
from graphc.data import load
from tests.benchmarks.process import ROOT

COLUMNS = 10
MODEL = f"""
input x : [batch, {COLUMNS}]
target y : [batch, 1]
param w : [{COLUMNS}, 1] = xavier_normal
p = x @ w
output p
loss mse(p, y)
optimizer sgd(learning_rate = 0.01)
train(epochs = 1, batch_size = 256)
"""
ACTIONS = ("compile", "read", "train")
MEGA = 1e6


def write(folder: Path, megabytes: float) -> tuple[Path, int]:
    """A table of some size and the model for it: (its path, the bytes of its numbers)."""
    path, written, rows = folder / f"{megabytes:g}.csv", 0, 0
    (folder / "model.nn").write_text(MODEL)
    block = np.random.default_rng(0).random((1000, COLUMNS + 1))
    text = "\n".join(",".join(f"{value:.9f}" for value in row) for row in block) + "\n"
    with path.open("w") as file:
        file.write(",".join(f"column{place}" for place in range(COLUMNS + 1)) + "\n")
        while written < megabytes * MEGA:
            written += file.write(text)
            rows += len(block)
    return path, 4 * rows * (COLUMNS + 1)


def peak(action: str, path: Path) -> int:
    """The most memory, in bytes, of a process of its own that does one of the `ACTIONS`."""
    command = [sys.executable, "-m", "tests.benchmarks.tables", "--do", action, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return int(done.stdout.splitlines()[-1])


def do(action: str, path: Path) -> int:
    """Does one thing and returns the most memory that this process had."""
    from graphc.cli import graphc

    model = path.parent / "model.nn"
    if action == "train":
        with contextlib.suppress(SystemExit):
            graphc(["train", str(model), "--data", str(path)], standalone_mode=False)
    else:
        compiled = compile_file(model)
        if action == "read":
            load(path, compiled.data, dtype="float32")
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def figures(folder: Path, megabytes: float) -> dict[str, float]:
    """For one size of text: the bytes of its numbers, and the most memory of each action."""
    path, numbers = write(folder, megabytes)
    return {"numbers": numbers, **{action: peak(action, path) for action in ACTIONS}}


def main(given: Sequence[str] | None = None) -> None:
    """Measures and prints a line for each size."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks.tables", description=__doc__)
    parser.add_argument("sizes", nargs="*", default=["200"], help="megabytes of text")
    parser.add_argument("--do", choices=ACTIONS, help=argparse.SUPPRESS)
    chosen = parser.parse_args(given)
    if chosen.do:
        print(do(chosen.do, Path(chosen.sizes[0])))
        return
    for size in map(float, chosen.sizes):
        with tempfile.TemporaryDirectory() as folder:
            found = figures(Path(folder), size)
        numbers = found["numbers"]
        for action in ("read", "train"):
            beside = found[action] - found["compile"] - numbers
            print(
                f"{action:<5}  {size:5,.0f} MB of text  {numbers / MEGA:6,.1f} MB of numbers"
                f"  {found[action] / MEGA:6,.1f} MB at most"
                f"  {beside / MEGA:6,.1f} MB of these beside numbers and compiler"
            )


if __name__ == "__main__":
    main()

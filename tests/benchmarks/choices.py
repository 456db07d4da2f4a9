"""What pays in NumPy on this machine: `python -m tests.benchmarks.choices`, within a minute.

Every choice of graphc/measured.py is two ways to compute the same. They take turns in short bursts:
what slows the machine for a while slows both. A weight is of as many rows as columns.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from timeit import Timer
from typing import Any

import numpy as np
from numpy.testing import assert_allclose
from rich.console import Console

from tests.benchmarks import calm, machine
from tests.benchmarks.cases import CASES
from tests.benchmarks.process import POOLS, environment
from tests.benchmarks.report import number, show_others, table

Size = tuple[int, int]
Burst = Callable[[], float]  # the seconds of one statement

SMALL, SQUARE, LARGE = (4, 8), (64, 64), (256, 2048)

# what every choice finds, of n rows and m columns; `y` is the result
GIVEN = """
a, b, y = normal(n, m), normal(n, m), aligned(n, m, fill=nan)
zero, half, zeros = array(0, float32), array(0.5, float32), aligned(n, m, fill=0)
row, rows, mask = normal(m), aligned(n, m), aligned(n, m, dtype=bool)
ones = aligned(n, fill=1)
"""
SHIFTED = "a, b, y = shifted(a), shifted(b), shifted(y)"
WEIGHT = "W1 = normal(m + 1, m); W = W1[:m]; W_T = W.T; copied = aligned(m, m)"
LABELS = "identity, labels, classes = array(eye(m), float32), arange(n) * 7 % m, arange(m)"
# the last column is of ones, here and in the next layer's operand, of which `y` is the rest
RIDING = """
product, a1, next1 = aligned(n, m), aligned(n, m + 1, fill=1), aligned(n, m + 1)
a1[:, :m], W1[m], y = a, row, next1[:, :m]
"""


@dataclass(frozen=True)
class Choice:
    """Two statements that compute the same `y`: the one taken, and the other."""

    sizes: tuple[Size, ...]
    taken: str
    other: str
    setup: str = ""
    other_setup: str = ""  # what the other finds besides, or in its place


# the way taken, and the other after "not"
CHOICES = {
    "sum: of arrays at 64 bytes, not at 16": Choice(
        (SQUARE,), "add(a, b, out=y)", "add(a, b, out=y)", other_setup=SHIFTED
    ),
    "product: of arrays at 64 bytes, not at 16": Choice(
        (SQUARE,), "a.dot(b, out=y)", "a.dot(b, out=y)", other_setup=SHIFTED
    ),
    "product: the method, not the function": Choice(
        (SMALL,), "a.dot(W, out=y)", "dot(a, W, out=y)", WEIGHT
    ),
    "transpose: viewed once, not each time": Choice(
        (SMALL,), "a.dot(W_T, out=y)", "a.dot(W.T, out=y)", WEIGHT
    ),
    "number: an array without axes, not Python's": Choice(
        (SMALL, SQUARE), "multiply(a, half, out=y)", "multiply(a, 0.5, out=y)"
    ),
    "maximum: with an array of zeros, not a zero": Choice(
        (SQUARE, LARGE), "maximum(y, zeros, out=y)", "maximum(y, zero, out=y)", "y = a"
    ),
    "row: copied into rows, not spread by NumPy": Choice(
        (SMALL, SQUARE, LARGE), "add(y, spread(row, rows), out=y)", "add(y, row, out=y)", "y = a"
    ),
    "sums of columns: by ones, not by add.reduce": Choice(
        (SQUARE,), "ones.dot(a, out=y)", "add.reduce(a, axis=0, out=y)", "y = aligned(m)"
    ),
    "comparison: assigned, not converted by out=": Choice(
        (SQUARE,), "y[...] = greater(a, zero, out=mask)", "greater(a, zero, out=y)"
    ),
    "comparison: assigned, not by copyto": Choice(
        (SQUARE,), "y[...] = greater(a, zero, out=mask)", "copyto(y, greater(a, zero, out=mask))"
    ),
    "labels: rows of an identity, not compared": Choice(
        ((64, 10), (64, 256), (64, 1024)),
        'identity.take(labels, 0, out=y, mode="clip")',
        "equal(labels[..., None], classes, out=y)",
        LABELS,
    ),
    "single number: another array, not its own": Choice(
        ((1, 1),), "tanh(x, out=y)", "tanh(x, out=y)", "x = aligned(1, 1, fill=0)", "y = x"
    ),
    "bias: added, not a row of the weight": Choice(
        ((4, 3), SQUARE, (256, 512)),
        "a.dot(W, out=y); add(y, spread(row, rows), out=y); maximum(y, zeros, out=y)",
        "a1.dot(W1, out=product); maximum(product, zeros, out=y)",
        WEIGHT,
        RIDING,
    ),
    "transposed weight: as it is, not copied first": Choice(
        (SQUARE, (64, 128), (16, 64)),
        "a.dot(W_T, out=y)",
        "copied[...] = W_T; a.dot(copied, out=y)",
        WEIGHT,
    ),
}

UPDATES = {"Adam": "wide-adam", "SGD": "wide"}  # rule: the case whose parameters it updates
BLOCKS = {f"2**{power}": 2**power for power in (14, 15, 16, 17, 18, 21)}
BURST = 1e-3  # seconds
SECONDS = 18  # for each of the two tables


def compiled(case: str) -> Any:
    """The module of a case."""
    import graphc

    (found,) = (one for one in CASES if one.name == case)
    return graphc.compile_text(found.source(), f"{case}.nn").load()


def space(module: Any) -> dict[str, Any]:
    """What statements and set-ups call: NumPy's functions, and those that a module brings."""
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return module.aligned(*shape, fill=rng.standard_normal(shape))

    def shifted(array: np.ndarray) -> np.ndarray:
        """A copy that begins 16 bytes beyond a boundary, as NumPy's own arrays do."""
        made = module.aligned(array.size + 4)[4:].reshape(array.shape)
        made[...] = array
        return made

    ours = (module.aligned, module.spread, normal, shifted)
    return {**vars(np), **{one.__name__: one for one in ours}}


def ways(choice: Choice, size: Size, names: dict[str, Any]) -> list[Timer]:
    """Both ways, ready to be timed; raises AssertionError if they compute different numbers."""
    arrays: dict[str, Any] = dict(zip("nm", size, strict=True))
    exec(GIVEN + choice.setup, names, arrays)
    taken, start = timer(choice.taken, arrays, names), arrays["y"].copy()
    taken.timeit(1)
    expected = arrays["y"].copy()
    arrays["y"][...] = start
    others = dict(arrays)
    exec(choice.other_setup, names, others)
    other = timer(choice.other, others, names)
    other.timeit(1)
    close = {"rtol": 1e-4, "atol": 1e-4, "equal_nan": False}
    assert_allclose(others["y"], expected, **close, err_msg=f"{choice.taken}, {size}")
    return [taken, other]


def timer(statement: str, arrays: dict[str, Any], names: dict[str, Any]) -> Timer:
    """Of a statement that finds the arrays in local variables, as in a module that is emitted."""
    unpacked = f"{', '.join(arrays)} = arrays.values()"
    return Timer(statement, unpacked, globals={**names, "arrays": arrays})


def burst(timed: Timer) -> Burst:
    """Runs a statement for so long that the clock does not matter."""
    repeats = max(1, round(10 * BURST / min(timed.repeat(3, 10))))
    return lambda: timed.timeit(repeats) / repeats


def updates(module: Any) -> list[Burst]:
    """The update of a module, in blocks of each size and in one piece, if all give the same."""
    size = module.SIZE
    theta, gradient = module.aligned(size), module.aligned(size)
    gradient[...] = np.random.default_rng(0).standard_normal(size)
    lasting, expected, found = module.State(size), None, []

    def update(block: int, state: Any) -> None:
        module.BLOCK = block
        module.update(theta, gradient, state, 10, 0)

    for block in [*BLOCKS.values(), size]:
        module.BLOCK = block
        state = module.State(size)  # whose scratch is of one block
        theta.fill(0)
        for name in module.STATES:
            setattr(state, name, getattr(lasting, name))
            getattr(state, name).fill(0)
        update(block, state)
        expected = theta.copy() if expected is None else expected
        assert_allclose(theta, expected, rtol=1e-6, err_msg=f"blocks of {block}")
        found.append(partial(Timer(partial(update, block, state)).timeit, 1))
    return found


def measure(groups: Sequence[Sequence[Burst]]) -> list[list[list[float]]]:
    """The times of each way, one from every round; those of a group are run one after the other."""
    times: list[list[list[float]]] = [[[] for _ in group] for group in groups]
    shuffler, deadline = random.Random(0), time.perf_counter() + SECONDS
    while time.perf_counter() < deadline:
        for group, found in zip(groups, times, strict=True):
            for i in shuffler.sample(range(len(group)), len(group)):
                found[i].append(group[i]())
    return times


def main() -> int:
    """Measures and prints, in a process whose BLAS has one thread.

    A second one spins on the other core after each product, which disturbs what is timed next;
    how many there are is read when NumPy is imported.
    """
    if any(os.environ.get(name) != "1" for name in POOLS):
        return subprocess.call([sys.executable, "-m", __spec__.name], env=environment(1))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    console.print(f"{machine.processor()}, NumPy {machine.versions()['numpy']}, one thread\n")
    calm.wait()
    watch = calm.Watch()
    modules = {rule: compiled(case) for rule, case in UPDATES.items()}
    names = space(modules["Adam"])
    rows = [(name, one, size) for name, one in CHOICES.items() for size in one.sizes]
    pairs = [[burst(way) for way in ways(one, size, names)] for _, one, size in rows]
    made = table("the way taken, not the other", "size", "taken, µs", "other, µs", "ratio")
    for (name, one, size), times in zip(rows, measure(pairs), strict=True):
        cells = [number(1e6 * median(way)) for way in times]
        ratio = median(other / taken for taken, other in zip(*times, strict=True))
        cells = ["{} × {}".format(*size), *cells, f"{ratio:.2f}"]
        made.add_row(name if size == one.sizes[0] else "", *cells)
    console.print(made, end="")

    made = table("an update of 6.3 million parameters, ms", *BLOCKS, "in one piece")
    groups = [updates(module) for module in modules.values()]
    for rule, found in zip(modules, measure(groups), strict=True):
        made.add_row(rule, *(f"{1e3 * median(times):.1f}" for times in found))
    console.print(made, end="")
    show_others(watch.look(), console)
    return 0


if __name__ == "__main__":
    sys.exit(main())

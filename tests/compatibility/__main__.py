"""The modules under other versions of NumPy: `python -m tests.compatibility ENV/bin/python …`.

Each Python named needs NumPy and nothing else. In each the examples are trained, and every
operation and optimizer takes a step; a warning is an error, and all must find the same numbers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from graphc.book import book
from graphc.compiled import Compiled, compile_file, compile_text
from graphc.data import load, take
from graphc.library import prelude
from tests.op_models import is_integer, model, values

ROOT = Path(__file__).parents[2]
ALONE = Path(__file__).with_name("alone.py")
DATA = {
    **dict.fromkeys(("cnn", "rnn", "autoencoder"), "digits.npz"),
    "momentum": "seed.csv",
    "circuit": None,
}
SHORT = {"alice": (1, 1000)}  # epochs and rows of what takes half a minute as it is written
ROUNDING = 1e-9  # of float64, times the largest number of an array
SINGLE = 1e-2  # of float32, where sums cancel
EPOCHS = 3  # after them a difference in the last bit may have grown to any size

Case = tuple[str, Compiled, int, dict[str, Any]]


def examples() -> Iterator[Case]:
    """The examples with their data."""
    for path in sorted((ROOT / "examples").glob("*.nn")):
        compiled = compile_file(path)
        found = [path.with_suffix(end) for end in (".csv", ".npz")]
        file = next((one for one in found if one.exists()), None)
        if path.stem in DATA:
            name = DATA[path.stem]
            file = None if name is None else path.with_name(name)
        arrays = load(file, compiled.data, dtype=compiled.model.dtype).arrays if file else ()
        names = [f"data/{entry.name}" for entry in compiled.data]
        epochs = compiled.model.defaults["epochs"]
        if path.stem in SHORT:
            epochs, rows = SHORT[path.stem]
            arrays = take(compiled.data, arrays, np.arange(rows))
        yield f"example_{path.stem}", compiled, epochs, dict(zip(names, arrays, strict=True))


def operations() -> Iterator[Case]:
    """Every operation that something can be learnt through, on the first of its samples."""
    random = np.random.default_rng(0)
    for known in book().values():
        sample = known.samples[0]
        op = known.at(len(sample.shapes))
        given = values(op, sample)
        kinds = {name: "data" if is_integer(op, sample, name) else "parameter" for name in given}
        if op.drawn or "parameter" not in kinds.values():  # `dropout` has those that are drawn
            continue
        compiled = model(op, sample)
        arrays = {f"{kinds[name]}/{name}": value for name, value in given.items()}
        (weights,) = (entry.shape for entry in compiled.data if entry.name == "R")
        arrays["data/R"] = random.standard_normal(weights)
        yield f"operation_{op.name}", compiled, 1, arrays


def optimizers() -> Iterator[Case]:
    """A small model under each optimizer."""
    random = np.random.default_rng(0)
    arrays = {"data/x": random.random((20, 3)), "data/y": random.random((20, 2))}
    for name in sorted(prelude().updates):
        text = f"""
            input x : [batch, 3]
            target y : [batch, 2]
            param W : [3, 2] = he_normal
            loss mse(x @ W, y)
            optimizer {name}
        """
        yield f"optimizer_{name}", compile_text(text, dtype="float64"), 3, arrays


def write(folder: Path) -> int:
    """Writes all modules with their data; returns how many there are."""
    count = 0
    for name, compiled, epochs, arrays in (*examples(), *operations(), *optimizers()):
        compiled.write(folder / f"{name}.py")
        np.savez(folder / f"{name}.npz", epochs=np.array(epochs), **arrays)
        count += 1
    return count


def differences(ours: Any, theirs: Any) -> Iterator[str]:
    """What two runs found that is not the same; of a training its first epochs count."""
    if missing := {*ours.files} ^ {*theirs.files}:
        yield f"found by one alone: {sorted(missing)}"
    for name in sorted({*ours.files} & {*theirs.files} - {"version"}):
        mine, other = ours[name], theirs[name]
        case, what, _ = name.split("/", 2)
        if case.startswith("example") and what == "outputs":
            continue
        near = ROUNDING if mine.dtype == np.float64 else SINGLE
        if case.startswith("example"):
            near = SINGLE
            mine, other = (one[:EPOCHS] if what == "losses" else one for one in (mine, other))
        scale = max(float(np.abs(mine).max(initial=0)), 1e-6)
        if mine.shape != other.shape:
            yield f"{name}: {mine.shape} and {other.shape}"
        elif (apart := float(np.abs(mine - other).max(initial=0)) / scale) > near:
            yield f"{name}: {apart:.1e} of the largest apart"


def main(pythons: list[str]) -> int:
    """Runs the modules in each Python and tells what is not the same as in the first."""
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = write(folder)
        found: list[Any] = []
        for place, python in enumerate(pythons):
            out = folder / f"found{place}"
            command = [python, "-I", "-W", "error", str(ALONE), str(folder), str(out)]
            alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
            if subprocess.run(command, check=False, env=alone).returncode:
                print(f"{python}: failed")
                return 1
            found.append(np.load(f"{out}.npz"))
            told = [*differences(found[0], found[-1])]
            failed |= bool(told)
            result = f", {len(told) or 'no'} numbers other than with the first" if place else ""
            print(f"NumPy {found[-1]['version']}: {count} modules without a warning{result}")
            print(*(f"    {line}" for line in told), sep="\n", end="\n" if told else "")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

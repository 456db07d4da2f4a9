"""Runs emitted modules where there is NumPy and nothing else: `python alone.py FOLDER OUT.npz`.

Beside each module stand its data and what its parameters are set to. A warning is an error.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np


def run(path: Path) -> dict[str, Any]:
    """Trains a module and returns what it found: loss and gradient before, all losses, outputs."""
    module = ModuleType(path.stem)
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)
    with np.load(path.with_suffix(".npz")) as file:
        given = dict(file)
    data = [given[f"data/{name}"] for name in module.DATA]
    inputs = [one for one, entry in zip(data, module.DATA.values()) if entry[0] == "input"]  # noqa: B905
    trainer = module.Trainer(seed=0)
    for name, value in trainer.params.items():
        if f"parameter/{name}" in given:
            value[...] = given[f"parameter/{name}"]
    found = {"loss": trainer.loss(*data)}
    found["gradient"] = trainer.gradients(*data)
    found["losses"] = trainer.fit(*data, epochs=int(given["epochs"]))
    with tempfile.TemporaryDirectory() as folder:
        trainer.save(Path(folder) / "p.npz")
        again = module.Trainer.load(Path(folder) / "p.npz")
    assert again.steps == trainer.steps
    assert (again.theta == trainer.theta).all()
    if module.OUTPUTS:
        outputs = again.predict(*inputs)
        found["outputs"] = outputs if isinstance(outputs, dict) else {"": outputs}
    return found


def main(folder: Path, out: Path) -> None:
    """Runs all modules of a folder and keeps the numbers that they found, by module and name."""
    arrays: dict[str, Any] = {}
    for path in sorted(folder.glob("*.py")):
        for name, value in run(path).items():
            parts = value.items() if isinstance(value, dict) else [("", value)]
            arrays.update({f"{path.stem}/{name}/{part}": each for part, each in parts})
    np.savez(out, version=np.array(np.__version__), **arrays)


if __name__ == "__main__":
    warnings.simplefilter("error")
    main(Path(sys.argv[1]), Path(sys.argv[2]))

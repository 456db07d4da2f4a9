"""A run that was saved, copied or pickled goes on, to the bit, as if it had never stopped."""

from __future__ import annotations

import contextlib
import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphc.compiled import compile_text

TEXT = """
input x : [batch, 6]
target y : [batch, 1]
h = x |> dense(32) |> batch_norm |> relu |> dropout(0.3)
g = h |> dense(16) |> tanh
p = g |> dense(1)
output p
loss mse(p, y)
optimizer RULE
train(epochs = 6, batch_size = 16)
"""
RATES = ["warmup(0.01, steps = 9)", "cosine_decay(0.01, steps = 20)", "step_decay(0.01, every = 2)"]
RATES += ["exponential_decay(0.01)", "warmup(step_decay(0.01, every = 2), steps = 9)"]
RULES = [f"adam(learning_rate = {rate})" for rate in RATES]
RULES += ["adamw(clip_norm = 1)", "sgd(momentum = 0.9, nesterov = true)", "rmsprop", "lion"]
RULES += ["adagrad(learning_rate_decay = 0.1)", "momentum"]
RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(50, 6)), RANDOM.normal(size=(50, 1))
HELD = X[40:], Y[40:]

WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda trainer: pickle.loads(pickle.dumps(trainer)),
}


def model(rule: str = RULES[0]) -> Any:
    return compile_text(TEXT.replace("RULE", rule)).load()


def state(trainer: Any) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in trainer.__getstate__().items()}


def saved(trainer: Any, path: Path) -> Any:
    trainer.save(path)
    return type(trainer).load(path)


@pytest.mark.parametrize("rule", RULES)
def test_save_and_load_at_every_epoch_and_step(tmp_path: Path, rule: str) -> None:
    module = model(rule)
    whole, parts = module.Trainer(seed=3), module.Trainer(seed=3)
    losses = whole.fit(X, Y)
    found = []
    for _ in range(6):
        found += parts.fit(X, Y, epochs=1)
        parts = saved(parts, tmp_path / "p.npz")
    assert found == losses
    assert state(parts) == state(whole)
    for start in range(0, 48, 12):
        rows = slice(start, start + 12)
        assert whole.step(X[rows], Y[rows]) == parts.step(X[rows], Y[rows])
        parts = saved(parts, tmp_path / "p.npz")
    assert state(parts) == state(whole)


def test_a_run_with_patience_goes_on_to_where_it_would_have_stopped(tmp_path: Path) -> None:
    module = model("adam(learning_rate = 0.03)")
    whole, parts = module.Trainer(seed=1), module.Trainer(seed=1)
    losses = whole.fit(X[:40], Y[:40], epochs=200, patience=4, validation=HELD)
    assert 4 < len(losses) < 200
    parts.fit(X[:40], Y[:40], epochs=4, patience=4, validation=HELD)
    parts = saved(parts, tmp_path / "p.npz")
    parts.fit(X[:40], Y[:40], epochs=len(losses) - 4, validation=HELD)
    assert state(parts) == state(whole)


class Lost(BaseException):
    """As if the process were gone."""


PATIENT = {"patience": 4, "validation": HELD}


@pytest.mark.parametrize("way", [*WAYS, "saved"])
@pytest.mark.parametrize("ending", ["told", "Ctrl-C", "killed"])
def test_patience_is_carried_over_every_stop(tmp_path: Path, way: str, ending: str) -> None:
    module, path = model("adam(learning_rate = 0.03)"), tmp_path / "p.npz"
    carried = WAYS.get(way, lambda trainer: saved(trainer, path))
    whole = module.Trainer(seed=1)
    losses = whole.fit(X[:40], Y[:40], epochs=200, **PATIENT)
    assert 4 < len(losses) < 190
    for stop in range(1, len(losses) + 1):
        part, kept = module.Trainer(seed=1), []

        def on_epoch(trainer: Any, loss: float) -> bool:
            if trainer.epoch < stop:  # noqa: B023
                return False
            kept.append(carried(trainer))  # noqa: B023
            if ending == "told":
                return True
            raise KeyboardInterrupt if ending == "Ctrl-C" else Lost

        with contextlib.suppress(KeyboardInterrupt, Lost):
            part.fit(X[:40], Y[:40], epochs=200, on_epoch=on_epoch, **PATIENT)
        again = kept[0] if ending == "killed" else carried(part)
        assert again.epoch == stop
        again.fit(X[:40], Y[:40], epochs=200 - stop, **PATIENT)
        assert state(again) == state(whole)


WORSE = "param w : [] = 1\noutput w\nloss w * w\noptimizer sgd(learning_rate = 1.5)"


def test_patience_without_rows_is_carried_over_too(tmp_path: Path) -> None:
    whole, part = (compile_text(WORSE).load().Trainer() for _ in range(2))
    assert len(whole.fit(epochs=50, patience=3)) == 4
    part.fit(epochs=50, patience=3, on_epoch=lambda own, loss: own.epoch == 2)
    again = saved(part, tmp_path / "p.npz")
    assert len(again.fit(epochs=48, patience=3)) == 2
    assert state(again) == state(whole)


@pytest.mark.parametrize("ending", [{"epochs": 0, "patience": 3}, {"epochs": 1}, {"patience": 1}])
def test_patience_begins_anew_after_an_end(tmp_path: Path, ending: dict[str, int]) -> None:
    trainer = compile_text(WORSE).load().Trainer()
    for _ in range(2):
        assert len(trainer.fit(epochs=9, patience=3)) == 4
    assert len(trainer.fit(epochs=2, patience=3)) == 2
    trainer.fit(epochs=9, patience=3, on_epoch=lambda own, loss: own.epoch == 12)
    trainer.save(tmp_path / "p.npz")
    trainer.fit(**ending)
    assert len(trainer.fit(epochs=9, patience=3)) == 4
    again = type(trainer).load(tmp_path / "p.npz", new_optimizer=True)
    assert len(again.fit(epochs=9, patience=3)) == 4
    assert len(type(trainer).load(tmp_path / "p.npz").fit(epochs=9, patience=3)) == 2


@pytest.mark.parametrize("way", WAYS)
def test_copies_go_on_alone(way: str) -> None:
    trainer = model().Trainer(seed=2)
    trainer.fit(X, Y, epochs=2)
    trainer.notes["mine"] = [1, 2]
    before = state(trainer)
    other = WAYS[way](trainer)
    assert state(other) == before
    losses = other.fit(X, Y, epochs=2)
    other.notes["mine"].append(3)
    assert state(trainer) == before
    trainer.notes["mine"].append(3)
    assert trainer.fit(X, Y, epochs=2) == losses
    assert state(trainer) == state(other)
    np.testing.assert_array_equal(trainer.predict(X), other.predict(X))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_go_on(tmp_path: Path, method: str) -> None:
    script = (
        f"import multiprocessing, pickle\nimport numpy as np\nfrom model import Trainer\n\n"
        "RANDOM = np.random.default_rng(0)\n"
        "X, Y = RANDOM.normal(size=(50, 6)), RANDOM.normal(size=(50, 1))\n\n"
        "def go_on(trainer):\n    return trainer.fit(X, Y, epochs=2), trainer\n\n"
        "if __name__ == '__main__':\n"
        "    trainer = Trainer(seed=2)\n    trainer.fit(X, Y, epochs=2)\n"
        f"    with multiprocessing.get_context({method!r}).Pool(2) as pool:\n"
        "        found = pool.map(go_on, [trainer, trainer])\n"
        "    found.append(go_on(trainer))\n"
        "    for losses, other in found:\n"
        "        print(losses, pickle.dumps(other.__getstate__()).hex())\n"
    )
    told = outside(tmp_path, script).splitlines()
    assert len(told) == 3
    assert len(set(told)) == 1


def outside(folder: Path, script: str, *arguments: object, threads: int = 1) -> str:
    """What a script prints in a process of its own, beside the model."""
    (folder / "model.py").write_text(compile_text(TEXT.replace("RULE", RULES[0])).source)
    (folder / "script.py").write_text(script)
    return subprocess.run(
        [sys.executable, "-W", "error", "script.py", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "OPENBLAS_NUM_THREADS": str(threads)},
    ).stdout


PART = """
import hashlib, os, sys
import numpy as np
from model import Trainer

random = np.random.default_rng(0)
x, y = random.normal(size=(3000, 6)), random.normal(size=(3000, 1))
trainer = Trainer.load("p.npz") if os.path.exists("p.npz") else Trainer(seed=4)
trainer.fit(x, y, epochs=int(sys.argv[1]), batch_size=600)
trainer.save("p.npz")
print(hashlib.sha256(b"".join(map(bytes, trainer.__getstate__().values()))).hexdigest())
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_in_two_processes_is_that_in_one(tmp_path: Path, threads: int) -> None:
    whole = outside(tmp_path, PART, 3, threads=threads)
    (tmp_path / "p.npz").unlink()
    parts = [outside(tmp_path, PART, epochs, threads=threads) for epochs in (1, 2)]
    assert parts[-1] == whole

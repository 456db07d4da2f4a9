"""Trainers whose random numbers are of another kind than NumPy's first, saved and loaded."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphc.compiled import compile_text

TEXT = """
input x : [batch, 3]
param W : [3, 1] = he_normal
p = x @ W
output p
loss mean(square(p))
optimizer sgd(learning_rate = 0.01)
"""
MODULE: Any = compile_text(TEXT).load()
X = np.random.default_rng(0).normal(size=(20, 3))
KINDS = ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_trainer_goes_on_with_its_own_random_numbers(tmp_path: Path, kind: str) -> None:
    trainer = MODULE.Trainer(seed=np.random.Generator(getattr(np.random, kind)(1)))
    trainer.fit(X, epochs=1, batch_size=4)
    trainer.save(tmp_path / "p.npz")
    copies = [MODULE.Trainer.load(tmp_path / "p.npz"), pickle.loads(pickle.dumps(trainer))]
    expected = trainer.fit(X, epochs=2, batch_size=4)
    for copy in copies:
        assert type(copy.rng.bit_generator).__name__ == kind
        assert copy.fit(X, epochs=2, batch_size=4) == expected


@pytest.mark.parametrize("rng", [5, {}, {"bit_generator": "seed"}, {"bit_generator": "PCG64"}])
def test_random_numbers_that_are_damaged_are_told(tmp_path: Path, rng: Any) -> None:
    arrays = MODULE.Trainer().__getstate__()
    progress = json.loads(arrays["progress"].tobytes())
    arrays["progress"] = np.frombuffer(json.dumps({**progress, "rng": rng}).encode(), np.uint8)
    np.savez(tmp_path / "p.npz", **arrays)
    with pytest.raises(ValueError, match=r"p\.npz: not a saved trainer, or damaged$"):
        MODULE.Trainer.load(tmp_path / "p.npz")


def test_a_path_may_be_bytes(tmp_path: Path) -> None:
    trainer, path = MODULE.Trainer(seed=3), os.fsencode(tmp_path / "b\u00fc.npz")
    trainer.save(path)
    assert MODULE.Trainer.load(path).theta.tolist() == trainer.theta.tolist()
    with pytest.raises(FileNotFoundError, match=f"'{tmp_path}/none/p.npz'"):
        trainer.save(os.fsencode(tmp_path / "none" / "p.npz"))
    for call in (trainer.save, MODULE.Trainer.load):
        with pytest.raises(TypeError, match=r"expected str, bytes or os\.PathLike"):
            call(5)

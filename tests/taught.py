"""Runs whose warnings are looked at, on data that takes some learning."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.compiled import Compiled, compile_text
from graphc.data import Loaded
from graphc.training import Settings, train

DATA = "input x : [batch, 4]\ntarget y : [batch, 1]\n"
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(200, 4)).astype(np.float32)
Y = (np.sin(X[:, :1]) + X[:, 1:2] * X[:, 2:3]).astype(np.float32)


def told(text: str, *arrays: Any, data: str = DATA, **options: Any) -> list[str]:
    """The warnings of a run, each on one line; its other complaints as they are."""
    compiled = compile_text(data + text)
    given = arrays or (X, Y)
    return run(compiled, Loaded(tuple(np.array(one) for one in given)), **options)


def run(compiled: Compiled, loaded: Loaded, **options: Any) -> list[str]:
    complaints: list[str] = []
    train(compiled, loaded, Settings(**options), lambda line: None, complaints.append)
    for line in complaints:
        assert max(map(len, line.split("\n"))) <= 80 or line.startswith("graphc: ")
    return [" ".join(line.split()) for line in complaints]

"""The models that pictures are drawn of in tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphc.dataflow import Graph
from graphc.pipeline import front
from graphc.source import Source

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.nn"))
KIND = "(?:param|frozen|input|target)"
TAG = "{http://www.w3.org/2000/svg}"
SHARED = """
param W : [3, 3] = 1
param b : [3] = zeros
input x : [batch, 3]
h = x @ W + b
z = tanh(h) * h
output z
loss sum(z)
"""
every_example = pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)


def solved(text: str) -> Graph:
    return front(Source(text, "model.nn"))[0]


def example(file: Path) -> Graph:
    return solved(file.read_text(encoding="utf-8"))

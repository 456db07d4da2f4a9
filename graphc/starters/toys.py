"""Data that a small model learns in seconds; the same every time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

COLOURS = ("red", "green", "blue")
SIZE = 12  # of a picture
SIDE = 7  # of what it shows


def spirals(rows: int = 600) -> str:
    """Points on three arms that turn about one another: `across`, `up` and `colour`."""
    rng = np.random.default_rng(0)
    lines = ["across,up,colour"]
    for place in range(rows):
        arm = place % len(COLOURS)
        far = rng.uniform(0.1, 1)
        angle = 2 * np.pi * arm / len(COLOURS) + 4 * far + rng.normal(0, 0.1)
        lines.append(f"{far * np.cos(angle):.4f},{far * np.sin(angle):.4f},{COLOURS[arm]}")
    return "\n".join(lines) + "\n"


def shapes(rows: int = 600) -> dict[str, NDArray[Any]]:
    """Pictures with noise, each of a line, a cross or a square: `picture` and `shape`."""
    rng = np.random.default_rng(0)
    drawn = {name: np.zeros((SIDE, SIDE)) for name in ("across", "down", "cross", "square")}
    middle, ends = SIDE // 2, (0, -1)
    drawn["across"][middle] = drawn["cross"][middle] = 1
    drawn["down"][:, middle] = drawn["cross"][:, middle] = 1
    for end in ends:
        drawn["square"][end] = drawn["square"][:, end] = 1
    names = [list(drawn)[place % len(drawn)] for place in range(rows)]
    pictures = rng.uniform(0, 0.4, (rows, 1, SIZE, SIZE))
    for picture, name in zip(pictures, names, strict=True):
        top, left = rng.integers(0, SIZE - SIDE + 1, 2)
        picture[0, top : top + SIDE, left : left + SIDE] += 0.6 * drawn[name]
    return {"picture": pictures.astype(np.float32), "shape": np.array(names)}


def reversals(rows: int = 2000) -> dict[str, NDArray[Any]]:
    """Rows of eight digits, `given`, and the same in reverse, `wanted`."""
    given = np.random.default_rng(0).integers(0, 10, (rows, 8))
    return {"given": given, "wanted": given[:, ::-1].copy()}


def sensors(rows: int = 500) -> str:
    """What twelve sensors on a circle see of a light inside it: `sensor1` to `sensor12`."""
    rng = np.random.default_rng(0)
    angles = 2 * np.pi * np.arange(12) / 12
    places = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    lights = rng.uniform(-0.7, 0.7, (rows, 1, 2))
    seen = np.exp(-np.sum((lights - places) ** 2, axis=2))
    head = ",".join(f"sensor{number}" for number in range(1, 13))
    return "\n".join([head, *(",".join(f"{one:.4f}" for one in row) for row in seen)]) + "\n"

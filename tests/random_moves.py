"""Operations that only move elements, as random models use them, and what they are in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Shape = tuple[int | str, ...]


def _slice(x: Any, start: int, stop: int | None = None, step: int = 1, axis: int = 0) -> Any:
    return np.moveaxis(np.moveaxis(x, axis, 0)[start:stop:step], 0, axis)


def _unflatten(x: Any, axis: int, parts: int) -> Any:
    shape = list(np.shape(x))
    shape[axis : axis + 1] = [parts, shape[axis] // parts]
    return np.reshape(x, shape)


ORACLE: dict[str, Callable[..., Any]] = {
    "slice": _slice,
    "unflatten": _unflatten,
    "concat": lambda *parts, axis=0: np.concatenate(parts, axis),
    "stack": lambda *parts, axis=0: np.stack(parts, axis),
    "expand_dims": np.expand_dims,
    "squeeze": np.squeeze,
    "flatten": lambda x, start=1: np.reshape(x, (*np.shape(x)[:start], -1)),
    "matrix_transpose": lambda x: np.swapaxes(x, -1, -2),
    "causal": lambda x, fill: np.where(
        np.tri(*np.shape(x)[-2:], np.shape(x)[-1] - np.shape(x)[-2]), x, fill
    ),
    "masked": lambda x, mask, fill: np.where(mask, x, fill),
}


def moves(shape: Shape, axis: int) -> dict[str, Shape]:
    """Expressions over `{0}` of a shape, most along an axis, with the shapes of their values."""
    before, size, after = shape[:axis], shape[axis], shape[axis + 1 :]
    found = {
        f"slice({{0}}, 0, 1, axis = {axis})": (*before, 1, *after),
        f"slice({{0}}, -1, axis = {axis})": (*before, 1, *after),
        f"expand_dims({{0}}, {axis - len(shape) - 1})": (*before, 1, size, *after),
        f"squeeze(expand_dims({{0}}, {axis}), {axis})": shape,
        f"stack({{0}}, 2 * {{0}}, axis = {axis})": (*before, 2, size, *after),
        f"squeeze(slice(concat({{0}}, {{0}}, axis = {axis}), -1, axis = {axis}), {axis})": (
            *before,
            *after,
        ),
    }
    if len(shape) > 1:
        found["matrix_transpose({0})"] = (*shape[:-2], shape[-1], shape[-2])
        found["causal({0}, fill = 0.3)"] = shape
        found["masked({0}, causal(1 + 0 * {0}, fill = 0), fill = 0.3)"] = shape
    if isinstance(size, int):
        found[f"concat({{0}}, -{{0}}, {{0}}, axis = {axis})"] = (*before, 3 * size, *after)
        found[f"slice({{0}}, 0, step = 2, axis = {axis})"] = (*before, (size + 1) // 2, *after)
        found[f"unflatten({{0}}, {axis}, {size})"] = (*before, size, 1, *after)
        if all(isinstance(one, int) for one in after):
            flat = int(np.prod([size, *after]))
            found[f"flatten({{0}}, start = {axis})"] = (*before, flat)
        if size > 1:
            rest = f"slice({{0}}, 1, axis = {axis})"
            found[rest] = (*before, size - 1, *after)
            found[f"concat({rest}, slice({{0}}, 0, 1, axis = {axis}), axis = {axis})"] = shape
    return {text: result for text, result in found.items() if len(result) < 5}

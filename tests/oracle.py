"""A model as text, and an oracle for it: the same text, evaluated as Python with plain NumPy.

The expressions of the language are expressions of Python too, so the oracle shares nothing with
the compiler: neither its parser nor its operations.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import random_moves
from random_moves import Shape


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _softmax(x: Any, axis: int = -1) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _cross_entropies(logits: Any, labels: Any) -> Any:
    if np.ndim(labels) < np.ndim(logits):
        labels = np.eye(np.shape(logits)[-1])[labels]
    return -np.sum(labels * np.log(_softmax(logits)), axis=-1)


def _log_loss(p: Any, y: Any) -> Any:
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def _gelu(x: Any, approximate: bool = False) -> Any:
    if approximate:
        return x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2
    return x * (1 + _erf(x / math.sqrt(2))) / 2


def _normalise(x: Any, axis: Any = -1, epsilon: float = 1e-5) -> Any:
    far = x - np.mean(x, axis=_axes(axis), keepdims=True)
    return far / np.sqrt(np.mean(far**2, axis=_axes(axis), keepdims=True) + epsilon)


_erf = np.vectorize(math.erf, otypes=[float])


ORACLE: dict[str, Any] = random_moves.ORACLE | {
    "matmul": np.matmul, "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide,
    "neg": np.negative, "pow": np.power, "abs": np.abs, "square": np.square, "sqrt": np.sqrt,
    "exp": np.exp, "log": np.log, "maximum": np.maximum, "minimum": np.minimum,
    "relu": lambda x: np.where(x > 0, x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "softmax": _softmax,
    "log_softmax": lambda x, axis=-1: np.log(_softmax(x, axis)),
    "sum": lambda x, axis=None, keepdims=False: np.sum(x, _axes(axis), keepdims=keepdims),
    "mean": lambda x, axis=None, keepdims=False: np.mean(x, _axes(axis), keepdims=keepdims),
    "transpose": lambda x, axes=None: np.transpose(x, axes),
    "reshape": lambda x, shape: np.reshape(x, shape),
    "mse": lambda p, y: np.mean((p - y) ** 2),
    "sse": lambda p, y: np.sum((p - y) ** 2),
    "half_sse": lambda p, y: np.sum((p - y) ** 2) / 2,
    "binary_cross_entropy": lambda p, y: np.mean(_log_loss(p, y)),
    "bce_with_logits": lambda z, y: np.mean(np.log(1 + np.exp(z)) - z * y),
    "cross_entropy": lambda z, y: np.mean(_cross_entropies(z, y)),
    "softmax_cross_entropy": _cross_entropies,
    "sigmoid_cross_entropy": lambda z, y: np.log(1 + np.exp(z)) - z * y,
    "log_loss": _log_loss, "error": np.subtract,
    "log1p": lambda x: np.log(1 + x), "expm1": lambda x: np.exp(x) - 1,
    "sin": np.sin, "cos": np.cos, "erf": _erf, "gelu": _gelu, "normalise": _normalise,
    "greater": np.greater, "less": np.less, "where": np.where,
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "elu": lambda x, alpha=1: np.where(x > 0, x, alpha * (np.exp(x) - 1)),
    "leaky_relu": lambda x, slope=0.01: np.where(x > 0, x, slope * x),
    "max": lambda x, axis=None, keepdims=False: np.max(x, _axes(axis), keepdims=keepdims),
    "min": lambda x, axis=None, keepdims=False: np.min(x, _axes(axis), keepdims=keepdims),
    "norm": lambda x, axis=None, keepdims=False: np.sqrt(
        np.sum(np.square(x), _axes(axis), keepdims=keepdims)
    ),
    "logsumexp": lambda x, axis=None, keepdims=False: np.log(
        np.sum(np.exp(x), _axes(axis), keepdims=keepdims)
    ),
    "true": True, "false": False, "none": None, "_": -1,
}  # fmt: skip


@dataclass(frozen=True)
class Value:
    """An expression, its shape, a bound on its elements, and whether a target has a part in it."""

    text: str
    shape: Shape
    bound: float
    judged: bool = False


@dataclass
class Model:
    """A random model: its statements, and what its leaves are filled with."""

    sizes: dict[str, int]
    params: dict[str, Shape] = field(default_factory=dict)
    data: dict[str, tuple[str, Shape, int | None]] = field(default_factory=dict)
    lines: list[tuple[str, str]] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    loss: str = ""
    order: tuple[int, ...] = ()
    seed: int = 0

    @property
    def text(self) -> str:
        """The model in the language, its statements in any order."""
        kinds = {name: kind for name, (kind, _, _) in self.data.items()}
        parts = [f"param {name} : {_typed(shape)} = zeros" for name, shape in self.params.items()]
        parts += [
            f"{kinds[name]} {name} : {'' if classes is None else 'int'}{_typed(shape)}"
            for name, (_, shape, classes) in self.data.items()
        ]
        parts += [f"{name} = {text}" for name, text in self.lines]
        parts += [f"output {', '.join(self.outputs)}"] if self.outputs else []
        parts += [f"loss {self.loss}", "optimizer sgd(learning_rate = 0.01)"]
        ranked = sorted(range(len(parts)), key=lambda i: (self.order[i % len(self.order)], i))
        return "\n".join(parts[i] for i in ranked) + "\n"

    def arguments(self) -> dict[str, Any]:
        """Random data, inputs first."""
        random = np.random.default_rng(self.seed)
        made = {}
        for name, (_, shape, classes) in self.data.items():
            sizes = self.solved(shape)
            made[name] = random.uniform(-1, 1, sizes)
            if classes is not None:
                made[name] = random.integers(0, classes, sizes)
        ranked = sorted(made, key=lambda name: self.data[name][0] != "input")
        return {name: made[name] for name in ranked}

    def theta(self) -> Any:
        """Random parameters, as one vector."""
        size = sum(math.prod(self.solved(shape)) for shape in self.params.values())
        return np.random.default_rng(self.seed + 1).uniform(-1, 1, size)

    def solved(self, shape: Shape) -> tuple[int, ...]:
        """The shape at run time."""
        return tuple(self.sizes.get(one, one) if isinstance(one, str) else one for one in shape)  # type: ignore[arg-type]

    def run(
        self, places: Mapping[str, slice], theta: Any, data: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Every named value and the `loss`; `places` says where in theta the parameters are."""
        names = {**ORACLE, **self.sizes, **data}
        for name, shape in self.params.items():
            names[name] = theta[places[name]].reshape(shape)
        for name, text in self.lines:
            names[name] = np.asarray(eval(text, names))
        names["loss"] = eval(self.loss, names)
        return names


def _typed(shape: Shape) -> str:
    return f"[{', '.join(map(str, shape))}]"

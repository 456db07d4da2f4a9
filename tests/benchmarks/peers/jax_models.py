"""The networks in JAX: functions of a dictionary of parameters, as the problem names them."""

from __future__ import annotations

from collections.abc import Callable

import jax
from jax import Array
from jax import numpy as jnp

from tests.benchmarks.cases import Case

Parameters = dict[str, Array]
Loss = Callable[[Parameters, Array, Array], Array]


def loss_of(case: Case) -> Loss:
    """The loss of a case's network on a batch."""
    return {"mlp": perceptron(case), "cnn": convolutional, "alice": transformer}[case.kind]


def perceptron(case: Case) -> Loss:
    """Products, activations, and the mean squared error."""
    activation = jax.nn.relu if case.activation == "relu" else jax.nn.sigmoid
    last = len(case.widths) - 1

    def loss(p: Parameters, x: Array, y: Array) -> Array:
        for i in range(1, last + 1):
            x = x @ p[f"W{i}"] + p[f"b{i}"]
            if i < last or case.sigmoid_output:
                x = activation(x)
        return jnp.mean(jnp.square(x - y))

    return loss


def cross_entropy(logits: Array, labels: Array) -> Array:
    """The mean over all labels."""
    taken = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[..., None], -1)
    return -jnp.mean(taken)


def dense(p: Parameters, name: str, x: Array) -> Array:
    """A linear layer."""
    return x @ p[f"{name}.W"] + p[f"{name}.b"]


def convolutional(p: Parameters, x: Array, labels: Array) -> Array:
    """examples/cnn.nn"""
    h = x.reshape(-1, 1, 8, 8)
    for name in ("convolution1", "convolution2"):
        h = jax.lax.conv_general_dilated(h, p[f"{name}.W"], (1, 1), "SAME") + p[f"{name}.b"]
        h = jax.nn.relu(h)
    window = (1, 1, 2, 2)
    h = jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, window, window, "VALID")
    h = jax.nn.relu(dense(p, "dense1", h.reshape(len(h), -1)))
    return cross_entropy(dense(p, "logits", h), labels)


def normalised(p: Parameters, name: str, x: Array) -> Array:
    """Rows of mean 0 and variance 1, scaled and shifted."""
    centred = x - jnp.mean(x, -1, keepdims=True)
    variance = jnp.mean(jnp.square(centred), -1, keepdims=True)
    return centred * jax.lax.rsqrt(variance + 1e-5) * p[f"{name}.gain"] + p[f"{name}.bias"]


def attention(p: Parameters, name: str, x: Array, heads: int) -> Array:
    """Causal self-attention; query, key and value in one product."""
    batch, time, width = x.shape
    three = [f"{name}.{part}" for part in ("query", "key", "value")]
    W = jnp.concatenate([p[f"{part}.W"] for part in three], 1)
    b = jnp.concatenate([p[f"{part}.b"] for part in three])
    q, k, v = jnp.split((x @ W + b).reshape(batch, time, 3 * heads, width // heads), 3, axis=2)
    mixed = jax.nn.dot_product_attention(q, k, v, is_causal=True)
    return dense(p, f"{name}.dense1", mixed.reshape(batch, time, width))


def transformer(p: Parameters, text: Array, labels: Array) -> Array:
    """examples/alice.nn"""
    h = p["letter"][text] + p["place"]
    for name in ("h.1", "h.2"):
        y = h + attention(p, f"{name}.heard", normalised(p, f"{name}.layer_norm1", h), 4)
        wide = dense(p, f"{name}.dense1", normalised(p, f"{name}.layer_norm2", y))
        h = y + dense(p, f"{name}.dense2", jax.nn.gelu(wide, approximate=False))
    return cross_entropy(dense(p, "logits", normalised(p, "layer_norm1", h)), labels)

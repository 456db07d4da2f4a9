"""Models whose derivations are tested, and what computes the formulas that are told of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import graphc
from graphc.book import book
from graphc.dataflow import Graph
from graphc.explained.derivation import Derivation
from graphc.explained.deriving import derived
from graphc.explained.naming import title_of
from graphc.pipeline import front
from graphc.rules import Scope
from graphc.source import Source
from graphc.stable import stabilise
from graphc.traced.evaluating import Calculator

EXAMPLES = Path(__file__).parent.parent / "examples"


MODELS = {
    "every loss and activation": """
        input x : [batch, 3]
        target y : [batch, 2]
        param A : [3, 4] = xavier_normal
        param B : [4, 2] = xavier_normal
        param C : [3, 4] = xavier_normal
        h = silu(x @ A) + gelu(x @ C) * softplus(x @ A)
        p = sigmoid(h @ B)
        loss binary_cross_entropy(p, y) + mse(p, y) + 0.1 * l2(A)
        """,
    "values that fan out": """
        input x : [batch, 3]
        target y : [batch, 2]
        param W : [3, 4] = xavier_normal
        param V : [4, 2] = xavier_normal
        param U : [4, 2] = xavier_normal
        h = tanh(x @ W)
        a = h @ V
        b = sigmoid(h @ U) / (1 + exp(a))
        p = a * b - a + sqrt(square(b) + 1)
        loss mse(p, y) + 0.1 * l2(V)
        """,
    "layers of the prelude": """
        input x : [batch, 6]
        target y : int[batch]
        h = x |> dense(8) |> layer_norm |> relu |> repeat(2, residual(8))
        z = h |> dense(4)
        loss cross_entropy(z, y)
        """,
    "images": """
        input x : [batch, 36]
        target y : int[batch]
        h = x |> reshape([batch, 1, 6, 6]) |> convolution(2) |> relu |> max_pool2d(2)
        z = h |> flatten |> dense(3)
        loss cross_entropy(z, y)
        """,
    "attention": """
        input t : int[batch, 5]
        target y : int[batch, 5]
        param E : [7, 8] = normal(0.5)
        h = embedding(t, E) |> transformer_block(8, 2, 16, causal)
        z = h |> dense(7)
        loss cross_entropy(z, y)
        """,
    "a name for each letter, and a node called as a gradient": """
        input x : [batch, 3]
        param u : [3, 2] = xavier_normal
        param v : [2] = zeros
        dz = tanh(x @ u + v)
        z = dz * dz
        loss mean(z)
        """,
    "constants": """
        const half = 0.5
        const one = 1
        const three = 3
        input x : [batch, 2]
        target y : [batch, 1]
        param W : [2, 1] = xavier_normal
        m = 2 * half
        h = (x @ W) ** three * one + three
        p = m * h / half + h
        loss half * mse(p, y) + 3 * l2(W)
        """,
    "numbers": """
        param x : [] = 3
        param y : [] = -4
        f = x * y
        g = f ** 2 / 3 - x
        loss g
        """,
}


CIRCLE = """\
input  x : [batch, 2]
target y : [batch, 1]

param W1 : [2, 16] = he_normal
param b1 : [16]    = zeros
param W2 : [16, 1] = xavier_normal
param b2 : [1]     = zeros
const k = [2]

h = relu(x @ W1 + b1)
z = h @ W2 + b2
p = sigmoid(z)
idle = k * p

output p, idle
loss bce_with_logits(z, y)
optimizer sgd(learning_rate = 0.1)
"""


def derivation(model: str) -> Derivation:
    return derived(stabilise(front(Source(model, "model.nn"))[0]))


def forward(graph: Graph, given: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Any]:
    """Every value that has a name, from parameters and data."""
    calculator = Calculator(sizes)
    place: dict[int, int] = {}
    found = {**given}
    for node in graph.nodes:
        if node.op is not None:
            operands = [place[one] for one in node.operands]
            place[node.key] = calculator.add(node.op, operands, node.attributes)
        elif node.number is not None:
            place[node.key] = calculator.number(node.number)
        else:
            assert node.leaf is not None
            start = node.leaf.value if node.leaf.kind == "const" else None
            fixed = start and (start.values if start.values is not None else start.arguments[0])
            value = given.get(node.leaf.name) if start is None else fixed
            shape = [calculator.solved(dim) for dim in node.shape]
            place[node.key] = calculator.take(np.broadcast_to(np.asarray(value), shape))
        if name := title_of(node):
            found[name] = calculator[place[node.key]].array
    return found


def told(derivation: Derivation, known: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
    """Every gradient that is told, computed by its formula from those before it."""
    calculator = Calculator(sizes)
    values = {name: calculator.take(value) for name, value in {**sizes, **known}.items()}
    todo = list(derivation.steps.values())
    while todo:
        ready = [one for one in todo if all(use in values or use in book() for use in one.uses)]
        assert ready, [one.name for one in todo]
        for one in ready:
            scope = Scope(calculator, values, {}, {}, "float64")
            key = scope.build(one.formula)
            if one.kind == "gradient" and len(one.parts) > 1:
                parts = [calculator[scope.build(part.formula)].array for part in one.parts]
                assert np.allclose(sum(parts[1:], parts[0]), calculator[key].array)
            values[one.name] = key
        todo = [one for one in todo if one.name not in values]
    return {name: calculator[key].array for name, key in values.items()}


def checked(model: str) -> None:
    """The gradient that is told against that of the emitted module, on random numbers."""
    model = f"dtype float64\n{model}\noptimizer sgd(learning_rate = 0.1)\n"
    graph = stabilise(front(Source(model, "model.nn"))[0])
    module = graphc.compile_text(model).load()
    random, sizes = np.random.default_rng(3), {"batch": 4}
    trainer = module.Trainer(seed=0)
    trainer.theta[...] = random.normal(0, 0.5, trainer.theta.shape)
    data = {}
    for name, (_, _, shape, classes) in module.DATA.items():
        size = [one if isinstance(one, int) else sizes[one] for one in shape]
        low = random.uniform(0.1, 0.9, size)
        data[name] = low if classes is None else random.integers(0, classes, size)
    _, gradient = trainer.loss_and_gradient(*data.values())
    params = {name: np.array(value) for name, value in trainer.params.items()}
    explained = derived(graph)
    found = told(explained, forward(graph, {**params, **data}, sizes), sizes)
    assert {one.name for one in explained.parameters} == {*params}
    for one in explained.parameters:
        exact = gradient[module.PLACES[one.name]].reshape(params[one.name].shape)
        assert np.allclose(found[one.gradient], exact, rtol=1e-9, atol=1e-12), one.name
        assert np.shape(found[one.gradient]) == exact.shape

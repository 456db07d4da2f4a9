"""Figures of the 3-3-3-1 net, with and without momentum, and what all the systems share."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from systems import EXAMPLES, data, example, module, sigmoid, text

import graphc

STYLES = pytest.mark.parametrize("plain", [False, True], ids=["fused", "plain"])
SYSTEMS = ["circuit", "line", "hinge", "columns", "seed", "momentum"]
ZEROS = text("seed").replace("= he_normal", "= zeros")

BIASED = """
    input  x : [batch, 3]
    target a : [batch, 1]
    param W1 : [3, 3] = zeros
    param b1 : [3]    = zeros
    param W2 : [3, 3] = zeros
    param b2 : [3]    = zeros
    param W3 : [3, 1] = zeros
    param b3 : [1]    = zeros
    p = sigmoid(sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2) @ W3 + b3)
    output p
    loss half_sse(p, a)
    optimizer sgd(learning_rate = 1)
"""

# `@ widen + one` appends a column of ones.
ONES = """
    input  x : [batch, 3]
    target a : [batch, 1]
    const widen = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    const one   = [0, 0, 0, 1]
    param W1 : [4, 3] = zeros
    param W2 : [4, 3] = zeros
    param W3 : [4, 1] = zeros
    y = sigmoid((x @ widen + one) @ W1)
    z = sigmoid((y @ widen + one) @ W2)
    p = sigmoid((z @ widen + one) @ W3)
    output p
    loss half_sse(p, a)
    optimizer sgd(learning_rate = 1)
"""


@STYLES
def test_derivative_of_the_first_layer(plain: bool) -> None:
    seed = example("seed", plain)
    x, a = data("seed")
    W1, W2, W3 = (seed.params[name] for name in ("W1", "W2", "W3"))
    y = sigmoid(x @ W1)
    z = sigmoid(y @ W2)
    p = sigmoid(z @ W3)
    # The published formula, sample by sample and path by path.
    output = ((p - a) * p * (1 - p))[:, 0]
    inner = W3[:, 0] * z * (1 - z)
    expected = np.einsum("n,nk,jk,nj,ni->ij", output, inner, W2, y * (1 - y), x)
    assert_allclose(seed.loss(x, a), 0.5 * np.square(p - a).sum(), rtol=1e-14)
    assert_allclose(seed.gradients(x, a)["W1"], expected, rtol=1e-11, atol=1e-15)


@STYLES
@pytest.mark.parametrize(("product", "shape"), [("x @ W", "[400, 300]"), ("W @ x", "[300, 400]")])
def test_he_normal_has_the_variance_of_its_fan_in(plain: bool, product: str, shape: str) -> None:
    data_shape = "[batch, 400]" if product == "x @ W" else "[400, batch]"
    layer = f"""
        input x : {data_shape}
        param W : {shape} = he_normal
        loss sum({product})
        optimizer sgd(learning_rate = 0.1)
    """
    W = module(layer, plain).Trainer(seed=0).params["W"]
    assert_allclose(W.var(), 2 / 400, rtol=0.02)
    assert abs(W.mean()) < 0.001


@STYLES
def test_zero_weights_keep_hidden_units_identical(plain: bool) -> None:
    symmetric, broken = module(ZEROS, plain).Trainer(), example("seed", plain)
    for net in (symmetric, broken):
        net.fit(*data("seed"), epochs=200, batch_size=3, shuffle=False)
    for name in ("W1", "W2"):
        same, different = symmetric.params[name], broken.params[name]
        assert abs(same).max() > 0.01
        assert_allclose(same, same[:, :1] + np.zeros(3), atol=1e-9)
        assert np.ptp(different, axis=1).max() > 0.1


def test_zero_weights_are_warned_of() -> None:
    assert graphc.compile_file(EXAMPLES / "seed.nn").warnings == ()
    warnings = graphc.compile_text(ZEROS).warnings
    assert warnings
    assert all(warning.code.startswith("W") for warning in warnings)


@STYLES
def test_a_bias_is_a_column_of_ones(plain: bool) -> None:
    biased, ones = module(BIASED, plain).Trainer(), module(ONES, plain).Trainer()
    random = np.random.default_rng(0)
    for layer in "123":
        W = random.normal(size=ones.params[f"W{layer}"].shape)
        ones.params[f"W{layer}"][...] = W
        biased.params[f"W{layer}"][...] = W[:3]
        biased.params[f"b{layer}"][...] = W[3]
    for _ in range(50):
        assert_allclose(biased.step(*data("seed")), ones.step(*data("seed")), rtol=1e-12)
    for layer in "123":
        learnt = [biased.params[f"W{layer}"], biased.params[f"b{layer}"][None]]
        assert_allclose(np.vstack(learnt), ones.params[f"W{layer}"], rtol=1e-9)


@STYLES
def test_momentum_follows_its_rule_with_an_annealed_rate(plain: bool) -> None:
    net = example("momentum", plain)
    V = np.zeros_like(net.theta)
    for epoch in range(30):
        W, gradient = net.theta.copy(), net.loss_and_gradient(*data("momentum"))[1].copy()
        V = 0.9 * V - 0.5 / (1 + 0.002 * epoch) * gradient
        net.fit(*data("momentum"), epochs=1, shuffle=False)
        assert_allclose(net.theta, W + V, rtol=1e-10, atol=1e-12)


@STYLES
@pytest.mark.parametrize("seed", range(3))
def test_momentum_takes_fewer_steps_than_plain_descent(plain: bool, seed: int) -> None:
    goal = 0.3
    descent = text("momentum").replace("momentum(", "sgd(").replace(", mu = 0.9", "")
    quick, slow = (module(t, plain).Trainer(seed=seed) for t in (text("momentum"), descent))
    for net in (quick, slow):
        net.fit(*data("momentum"), epochs=2000, on_epoch=lambda _, loss: loss < goal)
    assert quick.loss(*data("momentum")) < goal
    assert quick.steps < slow.steps


@STYLES
def test_the_l2_term_pulls_every_weight_to_zero(plain: bool) -> None:
    free = module(text("momentum").replace(" + penalty", ""), plain).Trainer(seed=0)
    held = example("momentum", plain)
    assert_allclose(free.theta, held.theta)
    without = free.gradients(*data("momentum"))
    for name, gradient in held.gradients(*data("momentum")).items():
        assert_allclose(gradient - without[name], 2 * 0.0001 * held.params[name], atol=1e-14)


@STYLES
@pytest.mark.parametrize("name", SYSTEMS)
def test_gradients_agree_with_small_perturbations(plain: bool, name: str) -> None:
    net, h = example(name, plain), 1e-6
    value, gradient = net.loss_and_gradient(*data(name))
    assert_allclose(value, net.loss(*data(name)), rtol=1e-14)
    numeric = np.empty_like(net.theta)
    for i, old in enumerate(net.theta.copy()):
        net.theta[i] = old + h
        above = net.loss(*data(name))
        net.theta[i] = old - h
        numeric[i] = (above - net.loss(*data(name))) / (2 * h)
        net.theta[i] = old
    assert_allclose(gradient, numeric, rtol=1e-6, atol=1e-7 * max(1, abs(gradient).max()))


@STYLES
def test_gradients_from_every_use_of_a_node_add_up(plain: bool) -> None:
    fan_out = "param x : [] = 3\na = 2 * x\nb = x * x\nloss a * b + x\noptimizer sgd(0.1)\n"
    assert module(fan_out, plain).Trainer().gradients()["x"] == 6 * 3**2 + 1

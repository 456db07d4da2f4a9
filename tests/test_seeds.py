"""Figures of four reference systems: two neurons, one weight, hinges, samples in columns."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from systems import as_written, data, example, module, sigmoid, text

STYLES = pytest.mark.parametrize("plain", [False, True], ids=["fused", "plain"])


# Two neurons: f = x * y, g = f + z


@STYLES
def test_circuit_forward_and_derivatives(plain: bool) -> None:
    circuit = example("circuit", plain)
    assert circuit.predict() == {"f": -12, "g": -10}
    assert circuit.loss() == -10
    assert circuit.gradients() == {"x": -4, "y": 3, "z": 1}


@STYLES
def test_circuit_derivative_of_the_inner_node(plain: bool) -> None:
    held = text("circuit").replace("f = x * y", "param f : [] = -12")
    assert module(held, plain).Trainer().gradients()["f"] == 1


@STYLES
def test_circuit_one_step(plain: bool) -> None:
    circuit = example("circuit", plain)
    before, after = circuit.step(), circuit.loss()
    learnt = [float(circuit.params[name]) for name in "xyz"]
    assert_allclose(learnt, [3.4, -4.3, 1.9], rtol=1e-15)
    assert_allclose([before, after, before - after], [-10, -12.72, 2.72], rtol=1e-14)


# One weight: y = W * x


@pytest.mark.parametrize(("W", "loss"), [(3, 30), (3.0001, 30.00600030), (2.9999, 29.9940003)])
@STYLES
def test_line_loss(plain: bool, W: float, loss: float) -> None:
    line = as_written("line", plain)
    line.params["W"][...] = W
    assert_allclose(line.loss(*data("line")), loss, rtol=1e-12)


@STYLES
def test_line_descent_leaves_two_fifths_of_the_error(plain: bool) -> None:
    line = as_written("line", plain)
    assert line.gradients(*data("line"))["W"] == 60
    path = [float(line.params["W"])]
    for _ in range(12):
        line.step(*data("line"))
        path.append(float(line.params["W"]))
    assert_allclose(path[:3], [3, 2.4, 2.16], rtol=1e-15)
    assert_allclose(path, 2 + 0.4 ** np.arange(13), rtol=1e-14)


@pytest.mark.parametrize("batch_size", [5, 2, 1])
@STYLES
def test_line_full_batch_mini_batches_and_online_reach_two(plain: bool, batch_size: int) -> None:
    line = as_written("line", plain)
    losses = line.fit(*data("line"), epochs=60, batch_size=batch_size, shuffle=True)
    assert len(losses) == line.epoch == 60
    assert_allclose(line.params["W"], 2, atol=1e-9)


@STYLES
def test_two_linear_layers_multiply_their_factors(plain: bool) -> None:
    layers = "param x : [] = 1\nz = 3 * x\nr = 2 * z\noutput z, r\nloss r\noptimizer sgd(0.1)\n"
    both = module(layers, plain).Trainer()
    outer = module(layers.replace("z = 3 * x", "param z : [] = 3"), plain).Trainer()
    inner = module(layers.replace("loss r", "loss z"), plain).Trainer()
    assert both.gradients()["x"] == 6
    assert outer.gradients()["z"] == 2
    assert inner.gradients()["x"] == 3

    before = both.predict()
    both.params["x"][...] += 0.001
    after = both.predict()
    forward = [after["z"] - before["z"], after["r"] - before["r"]]
    assert_allclose(forward, [0.003, 0.006], rtol=1e-10)
    z = forward[1] / outer.gradients()["z"]
    assert_allclose([z, z / inner.gradients()["x"]], [0.003, 0.001], rtol=1e-10)


# A ReLU network


@STYLES
def test_derivative_of_the_squared_residuals(plain: bool) -> None:
    residuals = """
        const actual = [1, 2, 4]
        param predicted = [0.5, 2.5, 4]
        loss sse(predicted, actual)
        optimizer sgd(0.1)
    """
    slope = module(residuals, plain).Trainer().gradients()["predicted"]
    assert_array_equal(slope, -2 * np.array([1 - 0.5, 2 - 2.5, 4 - 4]))


@STYLES
def test_relu_is_flat_up_to_and_at_zero(plain: bool) -> None:
    flat = "param v = [-1, 0, 2]\nloss sum(relu(v))\noptimizer sgd(0.1)\n"
    assert_array_equal(module(flat, plain).Trainer().gradients()["v"], [0, 0, 1])


@STYLES
def test_hinge_multiplies_along_the_chain(plain: bool) -> None:
    hinge = example("hinge", plain)
    x, actual = data("hinge")
    W1, b1, W2, b2, W3, b3 = (hinge.params[name] for name in ("W1", "b1", "W2", "b2", "W3", "b3"))
    z1 = x @ W1 + b1
    z2 = np.maximum(z1, 0) @ W2 + b2
    predicted = np.maximum(z2, 0) @ W3 + b3
    d3 = -2 * (actual - predicted)
    d2 = (d3 @ W3.T) * (z2 > 0)
    d1 = (d2 @ W2.T) * (z1 > 0)
    expected = {"W3": np.maximum(z2, 0).T @ d3, "b3": d3.sum(0), "b2": d2.sum(0)}
    expected |= {"W2": np.maximum(z1, 0).T @ d2, "W1": x.T @ d1, "b1": d1.sum(0)}
    for name, gradient in hinge.gradients(x, actual).items():
        assert_allclose(gradient, expected[name], rtol=1e-10, atol=1e-10, err_msg=name)


@STYLES
def test_a_dead_unit_stays_where_it_is(plain: bool) -> None:
    hinge = example("hinge", plain)
    hinge.params["W1"][:, 4], hinge.params["b1"][4] = 0.5, -1
    incoming, others = hinge.params["W1"][:, 4].copy(), np.delete(hinge.params["W1"], 4, 1)
    assert not hinge.gradients(*data("hinge"))["W1"][:, 4].any()
    hinge.fit(*data("hinge"), epochs=20)
    assert_array_equal(hinge.params["W1"][:, 4], incoming)
    assert hinge.params["b1"][4] == -1
    assert (np.delete(hinge.params["W1"], 4, 1) != others).any()


@STYLES
def test_hinge_fits_what_no_line_can(plain: bool) -> None:
    hinge = as_written("hinge", plain)
    x, actual = data("hinge")
    line = np.polyval(np.polyfit(x[:, 0], actual[:, 0], 1), x[:, 0])
    hinge.fit(x, actual)
    assert np.square(actual[:, 0] - line).sum() > 2.5
    assert hinge.loss(x, actual) < 0.05


# Samples in columns


@STYLES
def test_columns_gradients(plain: bool) -> None:
    columns = example("columns", plain)
    X, y = data("columns")
    W1, B1, W2, B2 = (columns.params[name] for name in ("W1", "B1", "W2", "B2"))
    A1 = sigmoid(W1 @ X + B1)
    A2 = sigmoid(W2 @ A1 + B2)
    dA2 = 2 * (A2 - y) / X.shape[1]
    dZ2 = dA2 * A2 * (1 - A2)
    dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)
    expected = {"W2": dZ2 @ A1.T, "B2": dZ2.sum(axis=1, keepdims=True)}
    expected |= {"W1": dZ1 @ X.T, "B1": dZ1.sum(axis=1, keepdims=True)}
    for name, gradient in columns.gradients(X, y).items():
        assert gradient.shape == expected[name].shape
        assert_allclose(gradient, expected[name], rtol=1e-10, atol=1e-13, err_msg=name)


@STYLES
def test_columns_fit_slices_the_second_axis(plain: bool) -> None:
    X, y = data("columns")
    fitted, stepped = example("columns", plain), example("columns", plain)
    fitted.fit(X, y, epochs=1, batch_size=30, shuffle=False)
    for start in range(0, 200, 30):
        stepped.step(X[:, start : start + 30], y[:, start : start + 30])
    assert fitted.steps == stepped.steps == 7
    assert_array_equal(fitted.theta, stepped.theta)


@STYLES
def test_columns_learns_the_circle(plain: bool) -> None:
    columns = as_written("columns", plain)
    X, y = data("columns")
    losses = columns.fit(X, y)
    assert losses[-1] < losses[0] / 4
    assert np.mean((columns.predict(X) > 0.5) == y) > 0.95

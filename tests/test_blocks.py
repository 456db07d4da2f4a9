"""Blocks: what their uses are called, what they share, and the model that they stand for."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.blocks import expand
from graphc.errors import Report
from graphc.printing import statement
from graphc.source import Source
from graphc.syntax import parse
from graphc.verify import verify

DATA = "input x : [batch, 3]\ntarget y : [batch, 4]\n"
END = "output p\nloss mse(p, y)\n"


def flat(text: str) -> list[str]:
    """The statements of a model with its blocks written out."""
    report = Report()
    file = expand(parse(Source(text), report), report)
    report.stop_if_failed()
    return [statement(one) for one in file.statements]


def trainer(text: str, **settings: Any) -> Any:
    return graphc.compile_text(text, **settings).load().Trainer(seed=1)


def parameters(text: str) -> list[str]:
    return list(trainer(text).params)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("p = x |> dense(4)", ["p.W", "p.b"]),
        ("p = dense(x, 4)", ["p.W", "p.b"]),
        ("p = dense(units = 4, x = x)", ["p.W", "p.b"]),
        ("p = relu(dense(x, 4))", ["dense1.W", "dense1.b"]),
        ("p = x |> dense(5) |> dense(4)", ["dense1.W", "dense1.b", "p.W", "p.b"]),
        ("p = dense(dense(x, 5), 4) + 1", ["dense2.W", "dense2.b", "dense1.W", "dense1.b"]),
        ("dense1 = 2 * x\np = relu(dense(dense1, 4))", ["dense2.W", "dense2.b"]),
        ("p = x |> dense(4) |> repeat(2, dense(4))", ["dense1.W", "p.1.W", "p.2.W"]),
        ("p = tanh(x |> dense(4) |> repeat(2, dense(4)))", ["repeat1.1.W", "repeat1.2.W"]),
        ("p = x |> mlp(4, tanh)", ["p.dense1.W", "p.dense2.W"]),
        (
            "p = x |> dense(4) |> repeat(2, repeat(2, dense(4)))",
            ["p.1.1.W", "p.1.2.W", "p.2.1.W", "p.2.2.W"],
        ),
    ],
)
def test_what_parameters_are_called(text: str, names: list[str]) -> None:
    found = parameters(f"{DATA}{text}\n{END}")
    assert [name for name in found if name in names] == names
    if all(name.endswith("W") for name in names):
        found = [name for name in found if name.endswith("W")]
    assert set(found) >= set(names)


def test_names_inside_a_use_can_be_read() -> None:
    text = (
        "block scaled(x) {\n    param g : [] = 3\n    z = g * x\n    return tanh(z)\n}\n"
        f"{DATA}h = x |> dense(4) |> scaled\np = h + 0 * h.z\noutput p, h.z\n"
        "loss mse(p, y) + 0.01 * mean(square(dense1.W)) + square(h.g)\n"
    )
    one = trainer(text)
    outputs = one.predict(np.ones((2, 3)))
    np.testing.assert_allclose(outputs["p"], np.tanh(outputs["h.z"]), rtol=1e-6)
    assert one.gradients(np.ones((2, 3)), np.zeros((2, 4)))["h.g"].shape == ()


def test_a_block_sees_its_own_sizes_constants_and_layers() -> None:
    text = (
        "block half(x, units, act = tanh) {\n    dim inner = units / 2\n    const two = 2\n"
        "    layer = dense(inner)\n    a = act(layer(x))\n    return two * layer(x) + a\n}\n"
        f"{DATA}p = half(x, 8)\n{END}"
    )
    one = trainer(text)
    assert {name: value.shape for name, value in one.params.items()} == {
        "p.layer.W": (3, 4),
        "p.layer.b": (4,),
    }
    x = np.random.default_rng(0).normal(size=(5, 3))
    z = x @ one.params["p.layer.W"] + one.params["p.layer.b"]
    np.testing.assert_allclose(one.predict(x), 2 * z + np.tanh(z), rtol=1e-5)


def test_the_uses_of_a_layer_share_its_parameters_and_add_their_gradients() -> None:
    shared = (
        "block cell(h, x, units) {\n    param U : [_, units] = xavier_normal\n"
        "    param V : [_, units] = xavier_normal\n    return tanh(h @ U + x @ V)\n}\n"
        f"{DATA}dtype float64\nstep = cell(4)\nh1 = step(step(y0, x), x)\np = h1 |> step(x)\n"
        f"y0 = x @ W0\nparam W0 : [3, 4] = xavier_normal\n{END}"
    )
    written = (
        f"{DATA}dtype float64\nparam U : [4, 4] = xavier_normal\nparam V : [3, 4] = xavier_normal\n"
        "param W0 : [3, 4] = xavier_normal\ny0 = x @ W0\nh0 = tanh(y0 @ U + x @ V)\n"
        f"h1 = tanh(h0 @ U + x @ V)\np = tanh(h1 @ U + x @ V)\n{END}"
    )
    ours, reference = trainer(shared), trainer(written)
    assert set(ours.params) == {"step.U", "step.V", "W0"}
    for name in ("U", "V"):
        reference.params[name][...] = ours.params[f"step.{name}"]
    reference.params["W0"][...] = ours.params["W0"]
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 4))
    assert ours.loss(x, y) == pytest.approx(reference.loss(x, y), rel=1e-14)
    gradients, expected = ours.gradients(x, y), reference.gradients(x, y)
    for name in ("U", "V"):
        np.testing.assert_allclose(gradients[f"step.{name}"], expected[name], rtol=1e-12)
    assert verify(graphc.compile_text(shared).source).holds


def test_a_repeated_layer_with_a_name_shares_and_one_without_does_not() -> None:
    own = parameters(f"{DATA}p = x |> dense(4) |> repeat(3, dense(4))\n{END}")
    assert [name for name in own if name.endswith("W")] == ["dense1.W", "p.1.W", "p.2.W", "p.3.W"]
    shared = parameters(f"{DATA}f = dense(4)\np = x |> dense(4) |> repeat(3, f)\n{END}")
    assert [name for name in shared if name.endswith("W")] == ["dense1.W", "f.W"]


def test_operations_and_blocks_are_arguments() -> None:
    text = (
        "block twice(x, f, g = tanh) {\n    return g(f(f(x)))\n}\n"
        f"{DATA}a = x |> dense(4)\nb = a |> twice(dense(4))\nc = b |> twice(relu, neg)\n"
        f"p = c |> twice(mlp(4, tanh), square)\n{END}"
    )
    found = sorted(name for name in parameters(text) if name.endswith("W"))
    assert found == ["a.W", "b.f1.W", "b.f2.W", *(f"p.f{i}.dense{j}.W" for i in "12" for j in "12")]
    assert verify(graphc.compile_text(text).source).holds


def test_an_argument_is_computed_once() -> None:
    text = (
        "block double(x) {\n    return x + x\n}\n"
        f"{DATA}h = x |> dense(4)\np = {'double(' * 12}tanh(h){')' * 12}\n{END}"
    )
    assert graphc.compile_text(text).source.count("tanh(h, out=") == 1
    assert len(flat(text)) < 40


def test_what_a_formula_becomes() -> None:
    """A block without statements of its own needs no name."""
    text = (
        f"block half(x) {{ return x / 2 }}\n{DATA}p = half(x @ W)\nparam W : [3, 4] = ones\n{END}"
    )
    assert "p = x @ W / 2" in flat(text)


MODELS = {
    "residual": "p = x |> dense(8) |> relu |> repeat(3, residual(8)) |> dense(4)",
    "mlp": "p = x |> mlp(4, tanh)",
    "shared": "f = dense(4)\np = x |> dense(4) |> f |> f",
    "schedule": "p = x |> dense(4)\noptimizer adam(learning_rate = warmup(0.1, steps = 5))",
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_written_out_is_the_same_model(name: str) -> None:
    text = f"{DATA}{MODELS[name]}\n{END}"
    one, other = trainer(text), trainer("\n".join(flat(text)))
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 4))
    assert one.fit(x, y, epochs=3, batch_size=8) == other.fit(x, y, epochs=3, batch_size=8)
    np.testing.assert_array_equal(one.theta, other.theta)
    assert list(one.params) == list(other.params)


@pytest.mark.parametrize("name", ["too_large_repeat", "too_large_blocks"])
def test_a_bomb_is_told_without_being_built(name: str) -> None:
    """The text says how large it would become; nothing of that size is made."""
    text = (Path(__file__).parent / "bad" / f"{name}.nn").read_text()
    start = time.process_time()
    with pytest.raises(graphc.CompileError, match="E0906"):
        graphc.compile_text(text)
    assert time.process_time() - start < 5  # building it would take years


def test_many_levels_of_blocks() -> None:
    chain = "".join(f"block b{i}(x) {{ return b{i - 1}(x) + 1 }}\n" for i in range(1, 40))
    text = f"block b0(x) {{ return tanh(x) }}\n{chain}{DATA}p = b39(x |> dense(4))\n{END}"
    assert verify(graphc.compile_text(text).source).holds
    deep = "".join(f"block b{i}(x) {{ return b{i - 1}(x) + 1 }}\n" for i in range(1, 2000))
    with pytest.raises(graphc.CompileError, match="E0906"):
        graphc.compile_text(f"block b0(x) {{ return tanh(x) }}\n{deep}{DATA}p = b1999(x)\n{END}")


def test_the_prelude_uses_its_own_blocks_whatever_the_user_calls_theirs() -> None:
    own = "block dense(x, units) {\n    param K : [_, units] = ones\n    return x @ K\n}\n"
    text = f"{own}{DATA}h = dense(x, 4)\np = h |> repeat(2, residual(4))\n{END}"
    assert set(parameters(text)) == {
        "h.K",
        *(f"p.{i}.{name}" for i in "12" for name in ("W", "b", "dense1.W", "dense1.b")),
    }


def test_a_layer_that_repeats_shares_its_parameters_too() -> None:
    found = parameters(f"{DATA}s = repeat(2, dense(4))\na = x |> dense(4) |> s\np = s(a)\n{END}")
    assert [name for name in found if name.endswith("W")] == ["dense1.W", "s.1.W", "s.2.W"]


def test_a_layer_with_all_its_arguments_and_one_without_any() -> None:
    text = f"{DATA}f = mlp(4, tanh)\nn = batch_norm\np = x |> f |> n\n{END}"
    assert {name.split(".")[0] for name in parameters(text)} == {"f", "n"}


def test_a_block_may_share_its_name_with_a_value_inside_a_block() -> None:
    text = "block W(x) { return dense(x, 4) }\nblock weights(x) {\n    weights = softmax(x)\n"
    text += f"    return weights * x\n}}\n{DATA}p = x |> W |> weights\n{END}"
    assert parameters(text) == ["W1.dense1.W", "W1.dense1.b"]


def test_a_constant_of_a_shared_layer_is_one() -> None:
    text = f"block c(x) {{\n    const k = 3\n    return x * k\n}}\n{DATA}l = c()\n"
    one = trainer(f"{text}h = x |> dense(4)\np = l(l(h))\noutput p, h\nloss mse(p, y)\n")
    found = one.predict(np.ones((1, 3)))
    np.testing.assert_allclose(found["p"], 9 * found["h"], rtol=1e-6)


def test_a_start_can_be_reckoned() -> None:
    text = "block wide(x, n, s = 2) {\n    param W : [_, n] = constant(s / sqrt(n) + 1)\n"
    one = trainer(f"{text}    return x @ W\n}}\n{DATA}p = wide(x, 4)\n{END}")
    np.testing.assert_allclose(one.params["p.W"], 2)

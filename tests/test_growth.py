"""Compile time grows with the model, not with its square: each stage's calls are counted.

No time is taken: the numbers are the same on every machine.
"""

from __future__ import annotations

import cProfile
from collections.abc import Callable
from typing import Any

import pytest

import graphc

HEAD = ["input x : [batch, 8]", "target t : [batch, 8]", "param W : [8, 8] = he_normal"]
Lines = list[str]


def layers(n: int) -> Lines:
    """One statement after the other, each with parameters of its own."""
    found = [*HEAD, "h0 = x @ W"]
    for i in range(n):
        found += [f"param W{i} : [_, 8] = xavier_normal", f"param b{i} : [8] = zeros"]
        found.append(f"h{i + 1} = tanh(h{i} @ W{i} + b{i}) * 0.5")
    return [*found, f"output h{n}", f"loss mse(h{n}, t)"]


def fan(n: int) -> Lines:
    """One value that all read, and a sum of them all in one expression."""
    found = [*HEAD, "h = x @ W"]
    for i in range(n):
        found += [f"param b{i} : [_] = normal(0.1)", f"a{i} = h * {i + 2} + b{i}"]
    return [*found, f"s = {' + '.join(f'a{i}' for i in range(n))}", "output s", "loss mse(s, t)"]


def expression(n: int) -> Lines:
    """Expressions that are long, or deep."""
    long = " + ".join(f"sigmoid(x * {i + 2}) @ W" for i in range(n))
    deep = "x" + " |> tanh |> abs" * n
    return [*HEAD, f"a = {long}", f"b = {deep}", "output a", "loss mse(a * b, t)"]


def parts(n: int) -> Lines:
    """Thousands of data and outputs; an array put together and cut up again."""
    found = [f"param v : [{2 * n}] = normal"]
    for i in range(n):
        found += [f"input x{i} : [batch, 2]", f"y{i} = tanh(x{i})"]
    found += [f"z = v * concat({', '.join(f'y{i}' for i in range(n))}, axis = 1)"]
    found += [f"p{i} = square(slice(z, {2 * i}, {2 * i + 2}, axis = 1))" for i in range(n)]
    found.append(f"q = concat({', '.join(f'p{i}' for i in range(n))}, axis = 1)")
    return [*found, f"output q, {', '.join(f'y{i}' for i in range(n))}", "loss mean(q)"]


def blocks(n: int) -> Lines:
    """Blocks: one that is repeated, one that is called again and again, one that is long."""
    found = ["block long(x) {", "    v0 = x", *(f"    v{i + 1} = tanh(v{i})" for i in range(n))]
    found += [f"    return v{n}", "}", *HEAD, f"h0 = x @ W |> repeat({n}, residual(8))"]
    found += [f"h{i + 1} = h{i} |> dense(8) |> layer_norm" for i in range(n // 5)]
    return [*found, f"p = h{n // 5} |> long", "output p", "loss mse(p, t)"]


def modes(n: int) -> Lines:
    """What is not the same when the model is evaluated, with parameters that keep statistics."""
    found = [*HEAD, "h0 = x @ W"]
    found += [f"h{i + 1} = h{i} |> batch_norm |> dropout(0.1)" for i in range(n // 2)]
    return [*found, f"output h{n // 2}", f"loss mse(h{n // 2}, t)"]


def idle(n: int) -> Lines:
    """Parameters that no gradient reaches, sizes made of sizes, weights put together of many."""
    found = [*HEAD, "dim d0 = 8", "g0 = W"]
    for i in range(n):
        found += [f"dim d{i + 1} = d{i} * 2 - 8", f"param P{i} : [d{i + 1}, 8] = he_normal"]
        found += [f"param U{i} : [4] = normal", f"g{i + 1} = g{i} * P{i}"]
    return [*found, f"p = x @ g{n}", "output p", "loss mse(p, t)"]


def widths(n: int) -> Lines:
    """Layers that are all of different sizes: no array of one fits another exactly."""
    found = ["input x : [batch, 8]", "target t : [batch, 8]", "h0 = x"]
    found += [f"h{i + 1} = h{i} |> dense({9 + i}) |> tanh" for i in range(n)]
    return [*found, f"p = h{n} |> dense(8)", "output p", "loss mse(p, t)"]


KINDS: dict[str, Callable[[int], Lines]] = {
    one.__name__: one for one in (layers, fan, expression, parts, blocks, modes, idle, widths)
}


def calls(lines: Lines) -> dict[str, int]:
    """How many functions each stage calls."""
    found: dict[str, int] = {}
    profile = cProfile.Profile()

    def take(stage: str, value: Any) -> None:
        nonlocal profile
        profile.disable()
        found[stage] = sum(one.callcount for one in profile.getstats())
        profile = cProfile.Profile()
        profile.enable()

    profile.enable()
    try:
        graphc.compile_text("\n".join(lines), on_stage=take)
    finally:
        profile.disable()
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_twice_the_model_takes_every_stage_twice_the_calls(kind: str) -> None:
    model = KINDS[kind]
    calls(model(10))  # what is made once, at the first use
    once, twice = calls(model(50)), calls(model(100))
    grown = {stage: round(twice[stage] / once[stage], 2) for stage in once}
    assert max(grown.values()) < 2.2, grown

"""Models on which the compiler once went wrong, as random runs found them, made small."""

from __future__ import annotations

import pytest
from differential import CHECKS, Twins

FOUND = {
    "a constant of evaluation that training draws": """
        input x : [batch, 4]
        param W : [4, 1] = normal(1)
        const k = [[0.5, -1, 2, 0.25]]
        v = 2 * tanh(dropout(sin(k), rate = 0.2))
        loss mean(x) + sum(0.5 * (v @ W)) + mean(square(v))
    """,
    "noise that only the next mean of a parameter depends on": """
        input x : [batch, 4]
        param W : [4, 1] = normal(1)
        y = x @ W
        h = batch_norm(dropout(x.T @ x, rate = 0.2), epsilon = 0.5)
        loss mean(square(y))
        output h
    """,
    "a loss that is an output too, both drawn": """
        input x : [batch, 3]
        param z : [] = 2
        param W : [3, 1] = 1
        g = mean(dropout(z) * x @ W)
        output g, W
        loss g
    """,
    "a loss of parameters that is an output too, both drawn": """
        param y : [] = 4
        param z : [] = 2
        g = dropout(z)
        output y, g
        loss g
    """,
    "a repeated layer with all it needs, called with nothing": """
        input x : [batch, 2]
        h = repeat(x, 2, dense(2))
        loss mean(square(h()))
    """,
}


@pytest.mark.parametrize("name", FOUND)
def test_a_model_that_went_wrong_holds_in_every_way(name: str) -> None:
    twins = Twins("\n".join(line.strip() for line in FOUND[name].splitlines()))
    for check in CHECKS:
        check(twins)

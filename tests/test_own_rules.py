"""Update rules of the user: attributes and defaults that follow from arguments."""

from __future__ import annotations

import numpy as np
import pytest
from test_updates import MODEL, trainer

import graphc
from graphc.errors import CompileError
from graphc.verify import verify

CLIPPED = "update clipped(rate = 0.1, limit = 1) {\n    parameter' = parameter - rate * $\n}\n"


@pytest.mark.parametrize(
    "clipped",
    [
        "clip(gradient, -limit, limit)",
        "clip(gradient, high = twice / 2, low = -sqrt(square(limit)))\n    twice = 2 * limit",
        "within(gradient, limit)",
        "maximum(b = -limit, a = minimum(gradient, limit))",
        "clip(x = gradient + 0 * sum(gradient, axis = limit - limit), low = -limit, high = limit)",
    ],
)
def test_attributes_that_follow_from_arguments(clipped: str) -> None:
    before = "block within(x, most) {\n    return clip(low = -most, x = x, high = most)\n}\n"
    before += CLIPPED.replace("$", clipped)
    for settings, rate, limit in (("", 0.1, 1), ("(rate = 2, limit = 0.25)", 2, 0.25)):
        one = trainer(f"clipped{settings}", before)
        start = one.theta.copy()
        one.apply(gradient := np.linspace(-2, 2, start.size))
        np.testing.assert_allclose(one.theta, start - rate * np.clip(gradient, -limit, limit))
    text = f"{before}{MODEL}optimizer clipped\n"
    assert verify(graphc.compile_text(text, plain=True).source).holds
    assert verify(graphc.compile_text(text).source).holds


def test_long_chains_of_arguments_and_rules() -> None:
    def chain(arguments: int, rules: int) -> str:
        given = ", ".join(["a0 = 1", *(f"a{i + 1} = a{i}" for i in range(arguments))])
        body = [f"r{i} = r{i + 1} + 0" for i in range(rules)]
        body += [f"r{rules} = a{arguments} / 2", "parameter' = parameter - clip(gradient, -r0, r0)"]
        return f"update mine({given}) {{\n" + "\n".join(body) + "\n}\n"

    one = trainer("mine", chain(98, 98))
    start = one.theta.copy()
    one.apply(np.full(start.size, 2.0))
    np.testing.assert_allclose(one.theta, start - 0.5)
    for arguments, rules, codes in ((150, 1, ["E0109"]), (1, 150, ["E0906"])):
        with pytest.raises(CompileError) as caught:
            trainer("mine", chain(arguments, rules))
        assert [one.code for one in caught.value.diagnostics] == codes


def test_a_vector_turned_is_itself() -> None:
    one = trainer("mine", "update mine() {\n    parameter' = parameter - parameter.T / 2\n}\n")
    start = one.theta.copy()
    one.apply(np.ones(start.size))
    np.testing.assert_allclose(one.theta, start / 2)


def test_vectors_that_take_each_others_place_may_be_turned() -> None:
    text = (
        f"update swap() {{\n    m' = parameter\n    state m = 1\n    parameter' = m.T\n}}\n{MODEL}"
    )
    one = graphc.compile_text(f"{text}optimizer swap\n").load().Trainer()
    start = one.theta.copy()
    for expected in (np.ones(start.size), start, np.ones(start.size)):
        one.apply(np.zeros(start.size))
        np.testing.assert_array_equal(one.theta, expected)
    with pytest.raises(CompileError, match="does not take each number for itself"):
        graphc.compile_text(f"{text.replace('m.T', 'reshape(m, [-1])')}optimizer swap\n")


def test_defaults_that_follow_from_arguments() -> None:
    rule = "update mine(rate = 0.1, slow = rate / 2, least = warmup(slow, steps = 3)) {\n"
    rule += "    parameter' = parameter - least * gradient\n}\n"
    for settings, slow in (("", 0.05), ("(rate = 0.4)", 0.2), ("(rate = 0.1 * step)", 0.05)):
        one = trainer(f"mine{settings}", rule)
        start = one.theta.copy()
        one.apply(np.ones(start.size))
        np.testing.assert_allclose(one.theta, start - slow / 3)


def test_a_rule_that_does_not_read_the_parameter() -> None:
    rule = "update mean() {\n    state v = 0\n    v' = v + gradient\n    parameter' = v'\n}\n"
    for rules, expected in ((rule, 2), (rule.replace("= v'\n", "= clip(matrices, 0, 0)\n"), 0)):
        text = f"{rules}{MODEL}optimizer mean\n"
        assert verify(graphc.compile_text(text).source).holds
        one = graphc.compile_text(text).load().Trainer()
        one.apply(np.ones(one.theta.size))
        one.apply(np.ones(one.theta.size))
        np.testing.assert_array_equal(one.theta, expected)

"""What the rewriter leaves in a module: numbers, explanations, joins and views."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import graphc
from graphc.verify import verify


def test_a_number_is_written_as_people_do() -> None:
    text = "param x : [3] = 1\nloss sum(x * 1e300) + sum(tanh(x) * 4.0) + sum(exp(x) * 1e20)\n"
    source = graphc.compile_text(text, dtype="float64").source
    assert "_1e300 = np.array(1e+300, DTYPE)" in source
    assert "np.array(1e+20, DTYPE)" in source
    assert "_4 = np.array(4, DTYPE)" in source


def test_what_a_definition_is_made_of_is_not_explained_once_more() -> None:
    text = "input t : int[5]\nparam z : [5, 3] = normal(1)\nloss cross_entropy(z, t)\n"
    source = graphc.compile_text(text).source
    assert "# loss = softmax_cross_entropy(logits, labels):" in source
    assert "= one_hot(labels): " not in source
    assert "= log_softmax(logits): s =" not in source


@pytest.mark.parametrize("axes", [(0, 1), (1, 0), (0, 0)])
def test_a_value_that_is_cut_twice_gets_its_gradient_in_place(axes: tuple[int, int]) -> None:
    outer, inner = axes
    text = f"""
        param x : [4, 4] = normal(1)
        top = slice(x, 0, 2, axis = {outer})
        rest = slice(x, 2, 4, axis = {outer})
        a = slice(top, 0, 1, axis = {inner})
        b = slice(top, 1, none, axis = {inner})
        loss sum(square(a)) + 2 * sum(square(b)) + 3 * sum(square(rest))
    """
    compiled = graphc.compile_text(text, dtype="float64")
    trainer = compiled.load().Trainer()
    factor = np.full((4, 4), 6.0)
    part = np.moveaxis(factor, outer, 0)[:2] if outer == inner else factor.swapaxes(0, outer)[:2]
    part[...] = 4
    (part if outer == inner else part.T)[:1] = 2
    assert_array_equal(trainer.gradients()["x"], factor * trainer.params["x"])
    assert verify(compiled.source).holds


def test_a_long_chain_of_views_is_copied_now_and_then() -> None:
    lines = [f"x{i + 1} = slice(x{i}, 1)" for i in range(30)]
    text = "\n".join(["param x0 : [40, 2] = normal(1)", *lines, "loss sum(square(x30))\n"])
    compiled = graphc.compile_text(text)
    chains = re.findall(r"(?:\[1:\])+", compiled.source)
    assert max(len(chain) for chain in chains) == 8 * len("[1:]")
    assert verify(compiled.source).holds


def test_what_is_broadcast_twice_is_broadcast_once() -> None:
    text = """
        param b : [2] = [1, 2]
        y = broadcast(broadcast(b, [3, 2]), [4, 3, 2])
        output y
        loss sum(square(y))
    """
    compiled = graphc.compile_text(text)
    trainer = compiled.load().Trainer()
    assert_array_equal(trainer.predict(), np.broadcast_to([1, 2], (4, 3, 2)))
    assert_array_equal(trainer.gradients()["b"], [24, 48])
    assert compiled.source.count("broadcast_to") == 1
    assert verify(compiled.source).holds

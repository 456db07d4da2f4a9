"""`graphc verify` tells what is wrong and nothing that follows from it, and counts right."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import graphc
from graphc.verify import Disagreement, verify
from graphc.verify.columns import Columns
from graphc.verify.module import Module
from graphc.verify.statements import Loop, Statement

XOR = Path(__file__).parent.parent / "examples" / "xor.nn"
DRAWN = """
    input x : [batch, 6]
    target t : int[batch]
    param gamma : [6] = ones
    param beta : [6] = zeros
    param mean : [6] = zeros frozen
    param variance : [6] = ones frozen
    param W : [6, 4] = he_normal
    h = dropout(normalise_batch(x, gamma, beta, mean, variance), 0.2)
    k = dropout(relu(h @ W), 0.3)
    output h, k
    loss cross_entropy(k, t)
    optimizer adam(clip_norm = 1)
"""
LARGE = """
    input x : [batch, 3]
    param W : [3, 30000] = he_normal
    b = exp(x @ W)
    output b
    loss mean(b)
    optimizer adam()
"""
POOLED = """
    input x : [batch, 1, 4, 4]
    param k : [2, 1, 3, 3] = he_normal
    p = x |> conv2d(k, padding = 1) |> max_pool2d(2)
    output p
    loss mean(square(p))
"""


def text_of(model: str | Path) -> str:
    whole = graphc.compile_file(model) if isinstance(model, Path) else graphc.compile_text(model)
    return whole.source


def changed(model: str | Path, old: str, new: str) -> str:
    source = text_of(model)
    assert old in source
    return source.replace(old, new, 1)


def statements(source: str) -> list[Statement]:
    """Every statement that has a meaning."""
    module = Module(source, 0)
    every = [one for part in module.functions.values() for one in part]
    for one in module.update:
        every += one.body if isinstance(one, Loop) else [one]
    return [one for one in every if one.meaning is not None]


def told(source: str) -> tuple[list[Disagreement], int, int]:
    """What disagrees, how many statements agree, and how many are not compared."""
    module = Module(source, 0)
    columns = Columns(module)
    found = columns.disagreements()
    return list(found), columns.agreeing, module.count - len(columns.compared)


def fails(one: Statement) -> tuple[str, str]:
    text = re.sub(r"[\w.]+\(", "missing(", one.text, count=1)
    return (text if text != one.text else f"{one.text} + missing"), one.comment


def is_off(one: Statement) -> tuple[str, str]:
    _, _, value = one.comment.partition(" = ")
    return (f"{one.name} = 0.3 + {value}" if one.assigns else f"{one.name}[...] = 0.3"), one.comment


def has_another_shape(one: Statement) -> tuple[str, str]:
    return f"{one.name} = np.zeros((2, 4, 3))", one.comment


def comment_fails(one: Statement) -> tuple[str, str]:
    return one.text, one.comment.replace(" = ", " = missing * ", 1)


def comment_is_off(one: Statement) -> tuple[str, str]:
    name, _, value = one.comment.partition(" = ")
    return one.text, f"{name} = 1.5 * ({value}) + 1"


def comment_has_another_shape(one: Statement) -> tuple[str, str]:
    name, _, value = one.comment.partition(" = ")
    return one.text, f"{name} = ({value}) + np.zeros((1, 1, 1, 1, 1))"


def comment_is_no_python(one: Statement) -> tuple[str, str]:
    return one.text, f"{one.comment} ("


WRONG = [fails, is_off, has_another_shape, comment_fails, comment_is_off]
WRONG += [comment_has_another_shape, comment_is_no_python]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("model", [XOR, DRAWN], ids=["xor", "drawn"])
def test_a_wrong_statement_is_told_and_no_other(
    model: str | Path, wrong: Callable[[Statement], tuple[str, str]]
) -> None:
    source = text_of(model)
    every, lines = statements(source), source.split("\n")
    for one in every[WRONG.index(wrong) % 4 :: 4]:  # all are slow
        indent = re.match(" *", lines[one.line - 1])
        assert indent
        line = f"{indent[0]}{'  # '.join(wrong(one))}"
        text = "\n".join([*lines[: one.line - 1], line, *lines[one.line :]])
        found, agreeing, missed = told(text)
        assert [each.line for each in found] == [one.line], line
        assert (agreeing, missed) == (len(every) - 1, 0), line


@pytest.mark.parametrize(("old", "new"), [
    ("sqrt(v, out=s10)  ", "cbrt(v, out=s10)  "),
    ("sqrt(v, out=s10)  ", "square(v, out=s10)  "),
    ("# s10 = sqrt(v)", "# s10 = root(v)"),
    ("# m = m + s9", "# m = m + s9[1:]"),
    ("subtract(theta, s9, out=theta)", "subtract(theta, s9, out=m)"),
    ("s7 = s6 / s5", "s7 = s5 / s6  # s7 = s6 / s5"),
])  # fmt: skip
def test_a_wrong_statement_of_an_update_in_blocks_is_told_and_no_other(old: str, new: str) -> None:
    source = changed(LARGE, old, new)
    assert " in blocks(" in source
    found, agreeing, missed = told(source)
    line = source[: source.index(new)].count("\n") + 1
    assert [one.line for one in found] == [line]
    assert (agreeing, missed) == (len(statements(source)) - 1, 0)


def test_what_rounding_hides_at_first_is_told_where_it_is_wrong() -> None:
    digits = XOR.with_name("digits.nn")
    found, _, _ = told(changed(digits, "spread(s1, tiled3)", "spread(s1 - 1e-4, tiled3)"))
    assert [one.comment for one in found] == ["s2 = logits - s1"]


@pytest.mark.parametrize(("old", "new"), [
    ("    window_max(windows(s4", "    missing(windows(s4"),
    ("2, 2)).max((1, 2))", "2, 2)).maximal((1, 2))"),
])  # fmt: skip
def test_the_largest_is_still_equal_to_one_of_those_it_was_found_in(old: str, new: str) -> None:
    found, _, missed = told(changed(POOLED, old, new))
    assert [one.comment.split(" = ")[0] for one in found] == ["p"]
    assert not missed


def test_what_reads_a_value_that_neither_column_has_is_not_compared() -> None:
    source = changed(XOR, "s7 = s5.sum()", "s7 = s5.summed()")
    found = verify(source)
    assert [one.statement for one in found.disagreements] == ["s7 = s5.summed()"]
    assert (found.statements, found.agreeing, found.missed) == (35, 33, 1)
    assert found.unchecked == "'numpy.ndarray' object has no attribute 'summed'"
    plain = graphc.compile_file(XOR, plain=True).source.replace("h = tanh(h)", "h = tahn(h)")
    found = verify(plain)
    assert [one.statement for one in found.disagreements] == ["h = tahn(h)"]
    assert found.agreeing + found.missed == found.statements - 1
    assert found.missed
    assert found.agreeing


def test_what_was_never_written_is_not_right_by_chance() -> None:
    momentum = XOR.with_name("momentum.nn")
    assert not told(text_of(momentum))[0]  # leaves memory with all values in it
    source = changed(momentum, "add(s1, one, out=s2)", "add(s1, one, out=s1)")
    for _ in range(3):
        assert [one.comment for one in told(source)[0]] == ["s2 = s1 + 1"]


def test_a_line_that_is_not_counted_is_told() -> None:
    found, agreeing, missed = told(changed(LARGE, "in blocks(theta,", "in blocks(thetas,"))
    assert [one.reason for one in found] == ["fails: name 'thetas' is not defined"]
    assert agreeing + missed == len(statements(text_of(LARGE)))
    assert missed == 12


def test_what_no_line_computes_is_told_where_it_is_read_first() -> None:
    source = text_of(XOR)
    without = "\n".join(line for line in source.split("\n") if "x.dot(W1" not in line)
    found, agreeing, missed = told(without)
    assert [one.comment for one in found] == ["h = h + b1"]
    assert (agreeing, missed) == (len(statements(source)) - 2, 0)


def test_a_remark_beside_what_only_unpacks_is_none_of_its_meaning() -> None:
    assert verify(changed(XOR, " = params.W2_T\n", " = params.W2_T  # turned\n")).holds


def test_a_name_that_another_function_has_unpacked_is_not_defined() -> None:
    source = changed(XOR, "    s9, s10, h, z, limit,", "    s9, s10, z, limit,")
    found, _, missed = told(source.replace("buf.s10, buf.h, buf.z,", "buf.s10, buf.z,"))
    why = "fails: name 'h' is not defined; should be s9 = h ** 2"
    assert [one.reason for one in found] == [why]
    assert not missed


def test_an_output_that_is_overwritten_is_told_once() -> None:
    text = "input x : [batch, 3]\nparam p = 1\na = x * p\nb = exp(a)\noutput a, b\nloss mean(b)"
    before, _, after = text_of(text).partition("class EvaluationBuffers")
    source = f"{before}class EvaluationBuffers{after.replace('self.b = ', 'self.b = self.a = ', 1)}"
    found, agreeing, missed = told(source)
    assert [one.statement for one in found] == ["predict returns a"]
    assert "result = " in source.split("\n")[found[0].line - 1]
    assert (agreeing, missed) == (len(statements(source)), 0)

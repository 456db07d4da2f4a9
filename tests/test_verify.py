"""`graphc verify`: it passes on every example, and fails on every module that was tampered with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest
from test_plan import merged

import graphc
from graphc import emit
from graphc.dataflow import operands
from graphc.model import described
from graphc.plan import Plan
from graphc.rooms import Home
from graphc.verify import NotAModule, verify

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.nn"))
SMALL = [path for path in EXAMPLES if path.stem not in {"alice", "cnn"}]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_proven(example: Path) -> None:
    found = verify(graphc.compile_file(example).source)
    assert found.statements
    assert not found.disagreements
    assert found.parameters
    assert all(one.agrees for one in found.parameters), found.parameters


@pytest.mark.parametrize("example", SMALL, ids=lambda path: path.stem)
def test_it_is_proven_in_the_other_precision_and_as_a_plain_module(example: Path) -> None:
    assert verify(graphc.compile_file(example, dtype="float64").source).holds
    assert verify(graphc.compile_file(example, plain=True).source).holds


def test_a_gradient_that_is_nothing_but_rounding_is_no_disagreement() -> None:
    # a softmax takes no notice of the bias; before it both columns agree to the last bit
    text = "input x : [batch, 3, 4]\nloss mean(attention(x, dense(x, 4), x))"
    assert verify(graphc.compile_text(text, dtype="float64").source).holds


def plans(name: str) -> tuple[Plan, Plan]:
    stages: dict[str, tuple[Plan, Plan]] = {}
    path = next(path for path in EXAMPLES if path.stem == name)
    graphc.compile_file(path, on_stage=stages.__setitem__)
    return stages["plan"]


def alive(plan: Plan) -> dict[Home, list[tuple[int, int]]]:
    """From the writing to the last reading of each value in each array, in a training step."""
    order = [key for name in ("forward", "loss", "backward") for key in plan.functions[name]]
    spans: dict[int, tuple[int, int]] = {}
    for place, key in enumerate(order):
        for one in (key, *operands(plan.graph[key], plan.graph)):
            first, _ = spans.get(one, (place, place))
            spans[one] = first, place
    found: dict[Home, list[tuple[int, int]]] = {}
    for key, span in spans.items():
        home = plan.homes.get(key)
        if home is not None and home.kind == "array":
            found.setdefault(home, []).append(span)
    return found


def within(spans: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> bool:
    """Whether a value is written while another is still to be read by a later statement."""
    return any(first < written < last for first, last in spans for written, _ in others)


@pytest.mark.parametrize("name", ["digits", "columns", "momentum"])
def test_two_live_arrays_in_one_are_noticed(name: str) -> None:
    plan, update = plans(name)
    spans = alive(plan)
    tried = 0
    for a, b in combinations(spans, 2):
        wrong = merged(plan, a, b)
        if wrong is None or not (within(spans[a], spans[b]) or within(spans[b], spans[a])):
            continue
        tried += 1
        assert not verify(emit.module(wrong, update, described(plan, update))).holds, (a, b)
    assert tried


def tampered(old: str, new: str, count: int = 1) -> str:
    path = next(path for path in EXAMPLES if path.stem == "digits")
    source = graphc.compile_file(path).source
    assert old in source
    return source.replace(old, new, count)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# h1 = x @ W1", "# h1 = x @ W1 + 1"),
        ("h1.dot(W2, out=h2)", "(h1 * 2).dot(W2, out=h2)"),
        ("# s3 = exp(s2)", "# s3 = exp(-s2)"),
        ("multiply(v, _0_9, out=v)", "multiply(v, 0.8, out=v)"),
        ("# theta = theta - s1", "# theta = theta + s1"),
        ("maximum(h1, zeros, out=h1)", "maximum(h1, 0.1, out=h1)"),
        ("spread(b1, tiled)", "spread(b1 + 1, tiled)"),
        ("spread(s1, p)", "spread(s1 + 1e-3, p)"),
    ],
)
def test_a_column_that_was_changed_is_noticed(old: str, new: str) -> None:
    found = verify(tampered(old, new))
    assert found.disagreements
    assert not found.holds


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dlogits = p - s4", "dlogits = p + s4"),
        ("= dlogits.sum(axis=0)", "= 2 * dlogits.sum(axis=0)"),
        ("(h2 > 0)", "(h2 > 0.5)"),
        ("= dlogits * (1 / batch)", "= dlogits"),
    ],
)
def test_a_wrong_derivative_is_noticed_even_where_both_columns_agree_on_it(
    old: str, new: str
) -> None:
    path = next(path for path in EXAMPLES if path.stem == "digits")
    source = graphc.compile_file(path, plain=True).source
    assert old in source
    found = verify(source.replace(old, new))
    assert not found.disagreements
    assert any(not one.agrees for one in found.parameters)


@pytest.mark.parametrize("text", ["x = 1\n", "def forward(:\n", "import nothing_like_this\n"])
def test_a_file_that_is_no_module_is_refused(text: str) -> None:
    with pytest.raises(NotAModule):
        verify(text)


EVALUATED = """
input x : [batch, 3]
target y : [batch, 1]
p = x |> dense(8) |> dropout(0.5) |> dense(1)
output p
loss mse(p, y)
optimizer adam()
"""


HEAD = "    def __init__(self, batch):\n"


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (HEAD.replace(", batch", ""), "__init__.* takes 1 positional argument"),
        (f"{HEAD}        self.h = self.none\n", "line [0-9]+: .* has no attribute 'none'"),
    ],
)
def test_buffers_that_cannot_be_made_are_told(new: str, told: str) -> None:
    before, mark, after = graphc.compile_text(EVALUATED).source.partition("class Evaluation")
    assert HEAD in after
    with pytest.raises(NotAModule, match=f"the module does not run: .*{told}"):
        verify(before + mark + after.replace(HEAD, new, 1))


def test_a_module_that_lost_any_line_of_its_buffers_is_told() -> None:
    before, mark, after = graphc.compile_text(EVALUATED).source.partition("class Evaluation")
    body, end, rest = after.partition("\n\n\n")
    lines = body.split("\n")
    for gone in (place for place, line in enumerate(lines) if "self." in line):
        left = "\n".join(line for place, line in enumerate(lines) if place != gone)
        assert not verify(before + mark + left + end + rest).holds

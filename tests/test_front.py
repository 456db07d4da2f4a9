"""The front end: texts of every form, sizes beyond what people write, and the shapes it solves."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from systems import EXAMPLES

import graphc
from graphc.dataflow import Graph
from graphc.errors import CompileError, Diagnostic, Report
from graphc.grammar import parser
from graphc.initial import Start
from graphc.pipeline import front
from graphc.source import Source
from graphc.syntax import FileBuilder, parse

DATA = "input x : [batch, 2]\ntarget y : [batch, 1]\n"
ROOTS = "output p\nloss mean(p)\n"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.nn"))}


def graph(text: str) -> Graph:
    """The checked graph of a model that has neither errors nor warnings."""
    model, _, report = front(Source(text, "model.nn"))
    assert report.diagnostics == ()
    return model


def told(text: str) -> tuple[Diagnostic, ...]:
    """What is told of a model."""
    try:
        return front(Source(text, "model.nn"))[2].diagnostics
    except CompileError as error:
        return error.diagnostics


def codes(text: str) -> list[str]:
    """The codes of what is told of a model."""
    return [one.code for one in told(text)]


def shapes(text: str) -> dict[str, tuple[int | str, ...]]:
    """The shape of every named value: numbers, and run-time sizes as text."""
    return {
        node.label: tuple(dim.code if dim.known is None else dim.known for dim in node.shape)
        for node in graph(text).nodes
        if node.label
    }


@pytest.mark.parametrize("name", TEXTS)
def test_examples_have_no_warnings(name: str) -> None:
    graph(TEXTS[name])


# -- texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    """Every line end counts as one, also in the places that errors name."""
    text = f"{DATA}param W : [2, 1] = zeros # weights\n\np = x\n  |> matmul(V)\n{ROOTS}"
    with pytest.raises(CompileError) as caught:
        front(Source(text.replace("\n", end), "model.nn"))
    assert "--> model.nn:6:13" in str(caught.value)


def test_byte_order_mark() -> None:
    """One at the very start is what some editors write; one elsewhere is a mistake."""
    assert graphc.compile_text(f"\ufeffparam p = 3\n{ROOTS}").warnings == ()
    assert codes(f"param p = 3\n\ufeff{ROOTS}")[0] == "E0101"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("1.5", 1.5),
        (".5", 0.5),
        ("3.", 3.0),
        ("1e3", 1e3),
        ("2E-3", 2e-3),
        ("1.e+2", 100.0),
    ],
)
def test_number_forms(text: str, value: float) -> None:
    param = graph(f"param p = {text}\n{ROOTS}").leaves("param")[0]
    assert param.leaf is not None
    assert param.leaf.value == Start("constant", (value,), shape=())


@pytest.mark.parametrize(
    "text", ["1.2.3", "1e", "1e+", "0x10", "1_000", "2x", "1e5.0", "0b1", "1.."]
)
def test_number_malformed(text: str) -> None:
    assert "E0102" in codes(f"param p = {text}\n{ROOTS}")


def test_names_that_python_has_taken() -> None:
    """A name may be a keyword or a builtin of Python, or what the emitted module calls its own."""
    text = (
        "input lambda : [batch, 2]\ntarget class : [batch, 1]\n"
        "param self : [2, 1] = xavier_normal\nparam np = 1\n"
        "len = lambda @ self\nNone = len * np\nimport = tanh(None)\n"
        "output import, len\nloss mse(import, class)\n"
    )
    trainer = graphc.compile_text(text).load().Trainer(seed=0)
    assert set(trainer.params) == {"self", "np"}
    assert set(trainer.predict([[1.0, 2.0]])) == {"import", "len"}


def test_statements_in_any_order() -> None:
    lines = TEXTS["iris"].splitlines()
    first = [line for line in lines if line.startswith("nn")]
    others = [line for line in lines if not line.startswith("nn")]
    turned = graph("\n".join(first + others[::-1]))
    straight = graph(TEXTS["iris"])
    kinds = [sorted(node.kind for node in one.nodes) for one in (turned, straight)]
    assert kinds[0] == kinds[1]


# -- sizes ---------------------------------------------------------------------------------------

DEEP = {
    "sum": "w" + " + 1" * 5_000,
    "powers": "w" + " ** 1" * 5_000,
    "pipes": "w" + "\n  |> tanh" * 5_000,
    "signs": "-" * 10_000 + "w",
    "brackets": "(" * 499 + "w" + ")" * 499,
    "calls": "tanh(" * 400 + "w" + ")" * 400,
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_expressions(name: str) -> None:
    graph(f"param w : [3] = ones\np = {DEEP[name]}\n{ROOTS}")


@pytest.mark.parametrize(("opening", "closing"), ["()", "[]"])
def test_brackets_too_deep(opening: str, closing: str) -> None:
    value = f"{opening * 10_000}1{closing * 10_000}"
    assert codes(f"param w : [3] = ones\np = w * {value}\n{ROOTS}") == ["E0109"]


def test_ten_thousand_statements() -> None:
    """Time grows with the text, not with its square: a few seconds also on a slow machine."""
    chain = [f"x{i + 1} = tanh(x{i})" for i in range(10_000)]
    start = time.perf_counter()
    found = graph("\n".join(["param x0 : [3] = ones", *reversed(chain), "p = x10000 * 1", ROOTS]))
    assert len(found.nodes) == 10_004
    assert time.perf_counter() - start < 20


def test_thousands_of_layers_and_of_mistakes() -> None:
    layers = "".join(f"param W{i} : [_, 4] = zeros\nh{i + 1} = h{i} @ W{i}\n" for i in range(3_000))
    wrong = "".join(f"a{i} = b{i}\n" for i in range(3_000))
    start = time.perf_counter()
    assert set(codes(f"input h0 : [batch, 4]\n{layers}output h3000\nloss mean(h3000)\n")) == {
        "W0805"
    }
    assert codes(f"param p = 1\n{wrong}{ROOTS}") == ["E0201"] * 3_000
    assert time.perf_counter() - start < 20


def test_long_cycle() -> None:
    """The shortest cycle is told, clipped, and nothing that only follows from it."""
    text = "".join(f"a{i} = tanh(a{(i + 1) % 10_000}) + x\n" for i in range(10_000))
    with pytest.raises(CompileError) as caught:
        front(Source(f"{DATA}{text}p = a0\n{ROOTS}", "model.nn"))
    (one,) = caught.value.diagnostics
    assert one.code == "E0205"
    assert "a0 -> a1 -> a2 -> a3 -> ... -> a9998 -> a9999 -> a0" in one.message


def test_diamonds() -> None:
    """25 of them make 33 million paths, and 27 nodes more."""
    chain = "".join(f"x{i + 1} = x{i} + x{i}\n" for i in range(25))
    assert len(graph(f"param x0 = 1\n{chain}p = x25 * 1\n{ROOTS}").nodes) == 29


@pytest.mark.parametrize(
    "word", ["# " + "é" * 1_000_000, "$" * 200_000, "x" * 1_000_000, "w, " * 50_000]
)
def test_very_long_lines(word: str) -> None:
    """What is told of a long line is short."""
    with pytest.raises(CompileError) as caught:
        front(Source(f"param w = 1\np = w + nothing + {word}\n{ROOTS}", "model.nn"))
    assert all(len(line) < 200 for line in str(caught.value).splitlines())


@pytest.mark.parametrize("name", ["digits", "hinge", "momentum"])
def test_cut_anywhere(name: str) -> None:
    """A line that ends at any of its words is refused or accepted, never a traceback."""
    text = TEXTS[name]
    lexer = parser("network.lark", ["file", "statement"], FileBuilder())
    for token in lexer.lex(text):
        cut = text[: token.start_pos] + text[text.find("\n", token.end_pos) :]
        assert len(codes(cut)) <= 6, cut


WORDS = [
    *"()[]=:@-+,_#'é\n\r\0",
    "|>",
    "**",
    "1.5",
    "1e400",
    "int",
    "none",
    "true",
    "batch",
    "loss",
]


@given(st.data())
def test_words_exchanged(data: Any) -> None:
    """Whatever is exchanged in a model, each mistake has a place in it, and can be drawn."""
    text = data.draw(st.sampled_from(list(TEXTS.values())))
    words = text.split(" ")
    known = st.sampled_from([*WORDS, *words])
    for _ in range(data.draw(st.integers(1, 5))):
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(known)
    text = " ".join(words)
    for one in told(text):
        assert 0 <= one.span.start <= one.span.end <= len(text)
        assert f"--> model.nn:{one.span.line}:" in str(one)


def test_parse_keeps_what_is_sound() -> None:
    """A statement with a mistake is left out, and the names in it are remembered."""
    report = Report()
    file = parse(Source("a = 1 +\nb = 2\nparam c : [3\nd = 4\n"), report)
    assert [type(one).__name__ for one in file.statements] == ["Assign", "Assign"]
    assert {"a", "c", "param"} <= file.broken
    assert [one.code for one in report.diagnostics] == ["E0103", "E0104"]


# -- shapes --------------------------------------------------------------------------------------


def test_inferred_through_products_and_broadcasts() -> None:
    text = (
        "input x : [batch, 2]\ntarget y : [batch, 1]\n"
        "param W : [_, 8] = he_normal\nparam b : [_] = zeros\nparam V : [_, _] = he_normal\n"
        "p = relu(x @ W + b) @ V\noutput p\nloss mse(p, y)\n"
    )
    found = shapes(text)
    assert (found["W"], found["b"], found["V"]) == ((2, 8), (8,), (8, 1))


def test_inferred_input_and_reshape() -> None:
    text = (
        "input x : [batch, _]\nparam W : [6, 4] = he_normal\nparam v : [_, _, _] = zeros\n"
        f"h = reshape(x @ W, [batch, 2, _])\np = h * reshape(v, [1, 2, 2])\n{ROOTS}"
    )
    with pytest.raises(CompileError, match="the first size of `v` is not determined"):
        shapes(text)
    found = shapes(text.replace("[_, _, _]", "[1, _, 2]"))
    assert (found["x"], found["h"], found["v"]) == (("batch", 6), ("batch", 2, 2), (1, 2, 2))


def test_run_time_sizes_are_equal_wherever_written() -> None:
    text = "input a : [batch, time]\ninput b : [{}, time]\nparam w = 1\np = (a + b) * w\n" + ROOTS
    assert shapes(text.format("batch"))["p"] == ("batch", "time")
    assert codes(text.format("other")) == ["E0301"]


def test_bias_of_columns() -> None:
    text = (
        "input X : [2, batch]\nparam W : [5, 2] = he_normal\nparam B : [5, 1] = zeros\n"
        f"p = W @ X + B\n{ROOTS}"
    )
    assert shapes(text)["p"] == (5, "batch")


@pytest.mark.parametrize(
    ("a", "b", "result"),
    [
        ((3, 4), (4, 5), (3, 5)),
        ((4,), (4, 5), (5,)),
        ((3, 4), (4,), (3,)),
        ((4,), (4,), ()),
        ((2, 3, 4), (4, 5), (2, 3, 5)),
        ((2, 1, 3, 4), (7, 4, 5), (2, 7, 3, 5)),
        ((4,), (2, 4, 5), (2, 5)),
    ],
)
def test_matmul(a: tuple[int, ...], b: tuple[int, ...], result: tuple[int, ...]) -> None:
    text = f"param a : {list(a)} = normal\nparam b : {list(b)} = normal\np = a @ b\n{ROOTS}"
    assert shapes(text)["p"] == result


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("sum(x)", ()),
        ("sum(x, 0)", (3, 4)),
        ("mean(x, axis = -1)", ("batch", 3)),
        ("mean(x, axis = [0, 2], keepdims = true)", (1, 3, 1)),
        ("x |> sum(axis = none)", ()),
        ("transpose(x)", (4, 3, "batch")),
        ("x.T", (4, 3, "batch")),
        ("transpose(x, axes = [0, 2, 1])", ("batch", 4, 3)),
        ("reshape(x, [-1, 12])", ("batch", 12)),
        ("reshape(x, [batch, 2 * n, _])", ("batch", 6, 2)),
        ("softmax(x, axis = 1) * [1, 2, 3, 4]", ("batch", 3, 4)),
        ("x + [[1], [2], [3]]", ("batch", 3, 4)),
        ("x / (n * batch) - n ** 2", ("batch", 3, 4)),
        ("maximum(b = x, a = 0)", ("batch", 3, 4)),
        ("(x |> tanh) + 1", ("batch", 3, 4)),
    ],
)
def test_operations(expression: str, result: tuple[int | str, ...]) -> None:
    text = f"dim n = 3\ninput x : [batch, n, n + 1]\nparam w = 1\np = ({expression}) * w\n{ROOTS}"
    assert shapes(text)["p"] == result


@pytest.mark.parametrize(
    ("size", "result"),
    [
        ("4 * d", 32),
        ("d / 2", 4),
        ("d - 1", 7),
        ("2 ** 10", 1024),
        ("(d + 1) * (d - 1)", 63),
        ("-d + 9", 1),
    ],
)
def test_sizes_computed(size: str, result: int) -> None:
    text = f"dim e = {size}\ndim d = 8\nparam p : [e, {size}, d] = normal\n{ROOTS}"
    assert shapes(text)["p"] == (result, result, 8)


def test_types_and_values() -> None:
    """A value may give the size that its type leaves open; a number fills any shape."""
    text = (
        "const a : [_, 2] = [[1, 2], [3, 4]]\nconst b = [[1, 2]]\nconst c : [2] = 0.5\n"
        "const d : int[2] = [0, 1]\nparam w : [2, _] = [[1, 2], [3, 4]]\nparam s = -3\n"
        "p = (a + b) * c * w * s\noutput p\nloss cross_entropy(p, d)\n"
    )
    found = shapes(text)
    assert [found[name] for name in "abcdws"] == [(2, 2), (1, 2), (2,), (2,), (2, 2), ()]

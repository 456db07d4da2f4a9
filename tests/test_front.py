"""The front end: texts of every form, and sizes beyond what people write."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from checked import DATA, ROOTS, TEXTS, codes, graph, told
from hypothesis import given
from hypothesis import strategies as st

import graphc
from graphc.errors import CompileError, Report
from graphc.initial import Start
from graphc.language import words
from graphc.pipeline import front
from graphc.source import Source
from graphc.syntax import parse


def test_a_compiled_model_is_shown_in_a_line() -> None:
    one = graphc.compile_text("param p = 3\noutput p\nloss p ** 2", "root.nn")
    assert repr(one) == "<Compiled root: 1 parameter>"
    assert repr(graphc.compile_text(TEXTS["xor"])).endswith(": 33 parameters>")


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
        "len = lambda @ self\nNone = len * np\nwhile = tanh(None)\n"
        "output while, len\nloss mse(while, class)\n"
    )
    trainer = graphc.compile_text(text).load().Trainer(seed=0)
    assert set(trainer.params) == {"self", "np"}
    assert set(trainer.predict([[1.0, 2.0]])) == {"while", "len"}


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
    "brackets": "(" * 500 + "w" + ")" * 500,
    "calls": "tanh(" * 400 + "w" + ")" * 400,
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_expressions(name: str) -> None:
    graph(f"param w : [3] = ones\np = {DEEP[name]}\n{ROOTS}")


@pytest.mark.parametrize("depth", [501, 10_000])
@pytest.mark.parametrize(("opening", "closing"), ["()", "[]"])
def test_brackets_too_deep(opening: str, closing: str, depth: int) -> None:
    value = f"{opening * depth}1{closing * depth}"
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
        "W0805",
        "W0812",
    }
    assert codes(f"param p = 1\n{wrong}{ROOTS}") == ["E0201"] * 1_000
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
    for token in words(text):
        cut = text[: token.start_pos] + text[text.find("\n", token.end_pos) :]
        assert len(codes(cut)) <= 6, cut


DEFINED = f"""\
block scaled(x, by = 2) {{
    param gain : [_] = ones
    y = x * gain
    return y * by
}}
update heavy(learning_rate = 0.1) {{
    state v = 0
    v' = 0.9 * v + gradient
    parameter' = parameter - learning_rate * v'
}}
{DATA}h = x |> scaled(by = 3) |> dense(4)
p = dense(h, 1)
q = nothing
output p
loss mse(p, y)
optimizer heavy
"""


def test_a_word_left_out_hides_no_other_mistake() -> None:
    """Whatever statement does not parse, in a definition or outside, the others are looked at."""
    for token in words(DEFINED[: DEFINED.index("p =")]):
        if token.type != "NEWLINE":
            told_ = told(DEFINED[: token.start_pos] + DEFINED[token.end_pos :])
            assert "`nothing` is not defined" in {one.message for one in told_}, str(token)
            assert len(told_) <= 5, str(token)


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


def test_many_threads() -> None:
    """Parsers are shared, and each text still has its own places."""
    texts = [
        f"param p = 1\n{'# line' * number}\nq = nothing{number}\n{ROOTS}" for number in range(40)
    ]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(told, texts))
    assert [one[0].span.text for one in found] == [f"nothing{number}" for number in range(40)]


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_option_out_of_range(value: float) -> None:
    with pytest.raises(ValueError, match="learning_rate"):
        graphc.compile_text(TEXTS["xor"], options={"learning_rate": value})


def test_parse_keeps_what_is_sound() -> None:
    """A statement with a mistake is left out, and the names in it are remembered."""
    report = Report()
    file = parse(Source("a = 1 +\nb = 2\nparam c : [3\nd = 4\n"), report)
    assert [type(one).__name__ for one in file.statements] == ["Assign", "Assign"]
    assert {"a", "c", "param"} <= file.broken
    assert [one.code for one in report.diagnostics] == ["E0103", "E0104"]

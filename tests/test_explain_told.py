"""`graphc explain` as a user meets it: in a terminal, and as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from derivations import CIRCLE, EXAMPLES, MODELS, derivation

from graphc.cli import graphc as command
from graphc.explained.mathml import Typesetter
from graphc.explained.tidy import tidy
from graphc.language import parse_rule
from graphc.printing import show


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(command, ["explain", *map(str, arguments)])


@pytest.fixture
def circle(tmp_path: Path) -> Path:
    path = tmp_path / "circle.nn"
    path.write_text(CIRCLE)
    return path


def test_gradients_of_a_value_that_fans_out_are_told_by_reader_and_add(tmp_path: Path) -> None:
    path = tmp_path / "fan.nn"
    path.write_text(f"{MODELS['values that fan out']}\noptimizer sgd(learning_rate = 0.1)\n")
    told = run(path, "h").output
    assert "h is read by 2: b and a. Their gradients add." in told
    assert re.search(r"dh = du\d @ U\.T +by b, line 9\n +\+ da @ V\.T +by a, line 8\n", told)


def test_the_names_of_blocks_can_be_asked_for() -> None:
    told = run(EXAMPLES / "alice.nn", "h.1.dense1.W")
    assert told.exit_code == 0
    assert "that is, param h.1.dense1.W : [_, 256] = he_normal" in told.output
    assert "dh.1.dense1.W = reshape(h.1.layer_norm2, [64 * batch, 64]).T" in told.output


def test_what_has_no_gradient_says_why(circle: Path) -> None:
    assert "x is read by h." in run(circle, "x").output
    for name in ("x", "y"):
        assert "It is data: no gradient is computed for it." in run(circle, name).output
    assert "It never changes: no gradient is computed for it." in run(circle, "k").output
    assert "The loss does not depend on it" in run(circle, "idle").output
    told = run(circle, "loss").output
    assert "begins with the loss, whose derivative by itself is 1.\n    dloss = 1" in told


def test_without_a_name_all_are_listed(circle: Path) -> None:
    told = run(circle).output
    assert re.search(r"10 +h +\[batch, 16\] += relu\(x @ W1 \+ b1\)\n", told)
    assert re.search(r"  W1 +4 steps +dz, dh, du, dW1\n", told)


@pytest.mark.parametrize("example", ["seed", "cnn", "alice"])
def test_a_terminal_of_80_columns_is_enough(example: str) -> None:
    path = EXAMPLES / f"{example}.nn"
    one = derivation(path.read_text(encoding="utf-8"))
    names = [*one.known()][-12:]
    for output in (run(path).output, run(path, *names).output):
        assert max(map(len, output.splitlines())) <= 80
        assert "\x1b" not in output


def test_a_name_that_is_not_there_is_told_with_what_was_meant(circle: Path) -> None:
    wrong = run(circle, "idel")
    assert wrong.exit_code == 2
    assert "has no `idel`; did you mean `idle`?" in wrong.stderr
    assert "lists all" in run(circle, "nothing_like_it").stderr
    assert run(circle, "dW1").output == run(circle, "W1").output
    assert run(circle.with_suffix(".txt")).exit_code == 2


@pytest.mark.parametrize(("name", "other"), [("k", "2"), ("b", "a")])
def test_another_name_is_told_as_that(tmp_path: Path, name: str, other: str) -> None:
    file = tmp_path / "m.nn"
    file.write_text("k = 2\nparam w = 1\na = w ** k\nb = a\nloss b")
    done = run(file, name)
    assert done.exit_code == 2
    assert done.output == f"graphc: {file}: `{name}` is another name for `{other}`\n"


def test_constants_are_listed_with_what_they_are(tmp_path: Path) -> None:
    file = tmp_path / "m.nn"
    file.write_text("const k = 2\nparam w = 1\nloss k * w")
    assert "  1  k     []  constant = 2\n" in run(file).output


def test_a_model_with_a_mistake_is_told_as_ever(circle: Path) -> None:
    circle.write_text(CIRCLE.replace("h @ W2", "h @ V"))
    wrong = run(circle, "W1", "--html", circle.with_suffix(".html"))
    assert wrong.exit_code == 1
    assert "E0201" in wrong.stderr
    assert not circle.with_suffix(".html").exists()


class Page(HTMLParser):
    """The elements of a page, what is linked, and what can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.met: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.met.add(tag)
        self.links |= {value for value in [given.get("href")] if value}
        self.places |= {f"#{value}" for value in [given.get("id")] if value}
        if tag not in {"meta", "br", "th", "td"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"td", "th"}:
            assert self.open.pop() == tag


@pytest.mark.parametrize("example", ["seed", "cnn", "alice"])
def test_the_page_stands_alone_and_its_links_lead_somewhere(example: str, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    done = run(EXAMPLES / f"{example}.nn", "--html", target)
    assert (done.exit_code, done.output) == (0, f"wrote {target}\n")
    text = target.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert page.links
    assert page.links <= page.places
    assert "//" not in text
    assert not {"script", "img", "link", "iframe"} & page.met
    assert {"math", "msub", "msup"} <= page.met


def test_a_page_of_some_names_has_these_alone(circle: Path, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    run(circle, "W1", "h", "--html", target)
    assert Page(target.read_text(encoding="utf-8")).places == {"#W1", "#h"}
    refused = run(circle, "--html", circle)
    assert refused.exit_code == 2
    assert circle.read_text() == CIRCLE


def set_(formula: str) -> str:
    typesetter = Typesetter({"dz"}, {"n"}, lambda name: "")
    text = typesetter.set(tidy(parse_rule(f"y = {formula}")["y"]))
    return re.sub(r"</?mrow>| form=\"infix\"| fence=\"true\" stretchy=\"true\"", "", text)


def test_formulas_are_typeset() -> None:
    z, w = "<mi>z</mi>", "<msub><mi>W</mi><mn>1</mn></msub>"
    assert set_("W1.T") == f"<msup>{w}<mi>T</mi></msup>"
    assert set_("dz") == f'<mi mathvariant="normal">d</mi>{z}'
    assert set_("sqrt(z) / n") == f"<mfrac><msqrt>{z}</msqrt><mi>n</mi></mfrac>"
    assert set_("exp(-z)") == f"<msup><mi>e</mi><mo>−</mo>{z}</msup>"
    assert set_("square(z)") == f"<msup>{z}<mn>2</mn></msup>"
    assert set_("z * W1") == f"{z}<mo>⊙</mo>{w}"
    assert set_("greater(z, 0)") == f"<mo>[</mo>{z}<mo>&gt;</mo><mn>0</mn><mo>]</mo>"
    assert "<munder><mo>∑</mo>" in set_("sum(z, axis = 0)")


def ordered(formula: str) -> str:
    return show(tidy(parse_rule(f"y = {formula}")["y"]))


def test_formulas_are_written_as_people_write_them() -> None:
    assert ordered("(p - y) * 2 * (1 / n)") == "2 * (p - y) / n"
    assert ordered("a * 0.5") == "a / 2"
    assert ordered("a * 0.1") == "0.1 * a"
    assert ordered("-(a * (-b / c))") == "a * b / c"
    assert ordered("a + -b") == "a - b"
    assert ordered("(a * 2) / 3") == "2 * a / 3"
    assert ordered("a / 0") == "a / 0"

"""The page of `graphc trace`: each step has its line and nodes, and the wave is the module's."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from traces import EXAMPLES, FANNED, FILES, data_of, run, trace_of

from graphc.opening import opened
from graphc.source import Source
from graphc.traced.trace import Trace
from graphc.traced.view import view
from graphc.traced.wave import Moment, moments
from graphc.traced.written import trials
from graphc.verify.module import Module

VOID = {"meta", "input", "br", "link", "li", "td", "th", "tr"}  # that need no end
every = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


class Reader(HTMLParser):
    """The tags of a page with their attributes; `open` are those that have no end yet."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def marked(self, name: str) -> set[str]:
        """The values of an attribute."""
        return {attributes[name] for _, attributes in self.tags if name in attributes}

    @property
    def steps(self) -> list[dict[str, str]]:
        """What is marked on each step."""
        return [one for tag, one in self.tags if tag == "section"]


@cache
def page(file: Path) -> str:
    """The page of an example."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "page.html"
        data = data_of(file)
        result = run(file, *(["--data", data] if data else []), "--html", target)
        assert result.exit_code == 0, result.output
        assert f"wrote {target}" in result.output
        return target.read_text(encoding="utf-8")


@every
def test_each_step_has_its_line_and_its_nodes(file: Path) -> None:
    read = Reader(page(file))
    assert read.open == []
    lines, items = read.marked("data-line"), read.marked("data-item")
    hrefs = {one for one in read.marked("href") if one.startswith("#")}
    known: dict[str, list[str]] = {"values": [], "gradients": []}
    assert len(read.steps) > 4
    for number, step in enumerate(read.steps, 1):
        assert step["id"] == f"told-{number}"
        assert step["data-line"] in lines
        assert {*step["data-lit"].split()} <= items
        for kind, found in known.items():
            found += step[f"data-{kind}"].split()
    for found in known.values():
        assert len({*found}) == len(found)
    assert hrefs <= {f"#step={number}" for number in range(1, len(read.steps) + 1)}
    # every number on the picture appears at some step
    assert read.marked("data-value") <= {*known["values"]}


@every
def test_pages_need_no_network_and_stay_small(file: Path) -> None:
    text = page(file)
    assert len(text) < 3_000_000
    assert not re.search(r"(src|href)=.?(https?:|//)|@import|url\(", text)


@cache
def wave(file: Path) -> tuple[Trace, list[Moment]]:
    """A trace of an example, and the moments of the module that was compiled from it."""
    return waves(opened(file), data_of(file))


def waves(source: Source, data: Path | None = None) -> tuple[Trace, list[Moment]]:
    """A trace of a model, and the moments of its module."""
    stages: dict[str, object] = {}
    compiled, one, found = trace_of(source, data=data, on_stage=stages.__setitem__)
    plan = stages["plan"][0]  # type: ignore[index]
    return found, moments(trials(found, Module(compiled.source, 0), plan, one), plan)


@every
def test_every_line_forward_and_back_lights_a_gate(file: Path) -> None:
    _, found = wave(file)
    for one in found:
        if one.ran is not None:
            assert one.gates, (one.function, one.ran.meaning)


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two arrays hold the same numbers, as a module in float32 computes them."""
    large = float(abs(other).max(initial=0))
    one = np.asarray(one, np.float64).reshape(-1)
    near = max(1e-4 * large, 1e-7)  # what is nothing but rounding
    return one.size == other.size and np.allclose(one, other.reshape(-1), 1e-3, near)


@every
def test_a_line_that_makes_a_named_value_known_has_written_it(file: Path) -> None:
    trace, found = wave(file)
    seen = 0
    for one in found:
        if one.ran is None:
            continue
        for key in one.gradients:
            gate = trace.gates[key]
            if gate.kind == "param":
                assert gate.gradient is not None
                assert alike(one.ran.value, gate.gradient), gate.title
                seen += 1
        for key in one.values:
            gate = trace.gates[key]
            if gate.name == one.ran.name and gate.kind == "step":
                assert alike(one.ran.value, gate.value), gate.title
                seen += 1
    assert seen >= 2


@every
def test_a_gradient_is_not_shown_before_a_line_has_written_it(file: Path) -> None:
    trace, found = wave(file)
    written: list[np.ndarray] = []
    implied = 0
    for one in found:
        written += [one.ran.value] if one.ran is not None and one.function != "update" else []
        for key in one.gradients:
            gradient = trace.gates[key].gradient
            assert gradient is not None
            near = (np.sort(each, None) for each in written if each.size == gradient.size)
            told = key in one.implied or any(alike(each, np.sort(gradient, None)) for each in near)
            assert told, trace.gates[key].title
        untold = (np.ptp(trace.gates[key].gradient) for key in one.implied)
        implied += sum(map(bool, untold))
    assert implied <= 1  # beside those like the 1 of the loss, that nothing computes


NEURON = """\
param x : [] = 4
param w : [] = 0.5
param b : [] = -1
z = w * x + b
loss z * z + w * w
"""
LATE = """\
dtype float64
const x = [1, 2]
param w : [2] = [0.5, -0.25]
param b : [] = 0
z = x @ w + b
p = sigmoid(z)
output p
loss bce_with_logits(z, 1)
"""
SQUARE = "const x = 2\nparam w : [] = 1\np = w * x\nloss (p - 6) ** 2\n"


def shown(text: str) -> dict[str, list[str]]:
    """The titles of the gradients that each line on the way back makes known."""
    trace, found = waves(Source(text, "model.nn"))
    back = [one for one in found if one.function == "backward"]
    return {
        one.ran.meaning if one.ran is not None else "": [trace.gates[key].title for key in keys]
        for one in back
        if (keys := one.gradients)
    }


def test_equal_gradients_are_shown_at_the_line_that_computes_them() -> None:
    assert shown(NEURON) == {
        "": ["loss", "w * w", "z * z"],
        "db = z + z": ["z", "w * x", "b"],
        "dw = s4 + s5": ["w"],
        "dx = db * w": ["x"],
    }


def test_a_gradient_waits_for_values_that_are_computed_late() -> None:
    back = shown(LATE)
    assert back["db = p - 1"] == ["z", "x @ w", "b"]
    assert "z" not in back[""]


def test_a_gradient_that_is_part_of_a_formula_is_shown_with_it() -> None:
    assert shown(SQUARE) == {"": ["loss"], "dw = s1 * 4": ["p - 6", "p", "w"]}


def test_a_line_that_writes_a_part_of_a_sum_says_so() -> None:
    trace, found = waves(Source(FANNED, "model.nn"))
    gates = trace.gates
    told = {
        one.ran.meaning: [(gates[share.gate].title, len(share.readers)) for share in one.shares]
        for one in found
        if one.ran is not None and one.shares
    }
    assert told == {"s2 = d + -1": [("c", 2)], "s3 = dc * b": [("a", 1)]}


def told(text: str, folder: Path, *given: str) -> list[str]:
    """What the page of a model tells at each step, as words; numbers of a row stand apart."""
    file, target = folder / "model.nn", folder / "model.html"
    file.write_text(text)
    assert run(file, *given, "--html", target).exit_code == 0
    steps = re.findall(r"<section.*?</section>", target.read_text(encoding="utf-8"), re.DOTALL)
    return [" ".join(re.sub("<[^>]*>", " ", one).split()).replace(" ,", ",") for one in steps]


def test_equal_gradients_are_told_in_one_sentence_with_their_parts(tmp_path: Path) -> None:
    steps = told(NEURON, tmp_path)
    line = next(one for one in steps if one.startswith("db = z + z"))
    assert "gradient of z, w * x and b 2 = 1 from z * z + 1 from z * z dz = z + z" in line
    line = next(one for one in steps if one.startswith("s5 = db * x"))
    assert "part of the gradient of w, by w * x" in line


def test_what_a_line_makes_known_is_lit(tmp_path: Path) -> None:
    trace, found = waves(Source(NEURON, "model.nn"))
    seen = view(trace, ())
    file, target = tmp_path / "model.nn", tmp_path / "model.html"
    file.write_text(NEURON)
    run(file, "--html", target)
    steps = Reader(target.read_text(encoding="utf-8")).steps
    for moment, step in zip(found, steps, strict=True):
        items = {seen.picture.visible[key] for key in moment.gradients}
        assert items <= {*step["data-lit"].split()}


def test_small_arrays_are_whole_on_the_page(tmp_path: Path) -> None:
    model = (
        "input x : [batch, 2]\n"
        "param W : [2, 3] = [[0.1, 0.2, -0.5], [0.3, -0.4, 0.7]]\n"
        "loss sum(tanh(x @ W))\n"
    )
    steps = told(model, tmp_path, "--set", "x=[[1, 2], [3, 4]]")
    gradient = next(one for one in steps if "gradient of W" in one).partition("gradient of W")[2]
    assert len(re.findall(r" −?\d[\d.]*(?= )", gradient.partition("from")[0])) >= 6
    assert "W 0.1 0.2 −0.5 0.3 −0.4 0.7 → 0.0" in steps[-1]
    assert re.search("<title>model.nn: 2 rows forward and back</title>", page_of(tmp_path))


def test_a_long_row_is_whole_on_the_page(tmp_path: Path) -> None:
    steps = told("param b : [16] = 0.5\nloss sum(b * b)\n", tmp_path)
    assert " ".join(["0.5"] * 16) in steps[0]


def page_of(folder: Path) -> str:
    return (folder / "model.html").read_text(encoding="utf-8")


@every
def test_the_wave_goes_forward_and_then_back(file: Path) -> None:
    trace, found = wave(file)
    values = {key: at for at, one in enumerate(found) for key in one.values}
    gradients = {key: at for at, one in enumerate(found) for key in one.gradients}
    assert values.keys() == trace.gates.keys()
    for key, gate in trace.gates.items():
        assert (key in gradients) == (gate.gradient is not None)
        if key in gradients:
            # never before what sends it
            assert all(gradients[part.reader] <= gradients[key] for part in gate.parts)
    for node in trace.graph.nodes:
        made_of = [values[key] for key in node.operands if key in values]
        assert node.key not in values or max(made_of, default=0) <= values[node.key]
    turn = next(at for at, one in enumerate(found) if one.function == "backward")
    assert all(at >= turn for at in gradients.values())


@pytest.mark.parametrize("kind", ["html", "svg"])
def test_the_circuit_shows_the_figure_of_the_textbook(kind: str, tmp_path: Path) -> None:
    target = tmp_path / f"circuit.{kind}"
    assert run(EXAMPLES / "circuit.nn", f"--{kind}", target).exit_code == 0
    text = target.read_text(encoding="utf-8")
    shown = re.findall(r'<text class="small( returning)?" data-value="\d+"[^>]*>([^<]+)<', text)
    forward = [number for back, number in shown if not back]
    backward = [number for back, number in shown if back]
    assert sorted(forward) == sorted(["3", "−4", "2", "−12", "−10"])
    assert sorted(backward) == sorted(["−4", "3", "1", "1", "1"])


def test_a_picture_stands_alone(tmp_path: Path) -> None:
    target = tmp_path / "xor.svg"
    data = ("--data", EXAMPLES / "xor.csv")
    assert run(EXAMPLES / "xor.nn", *data, "--svg", target).exit_code == 0
    root = ElementTree.parse(target).getroot()
    assert root.tag.endswith("svg")
    text = target.read_text(encoding="utf-8")
    assert "<style>" in text
    assert not re.search(r"href=|url\(|@import", text)


def test_text_of_the_user_is_escaped(tmp_path: Path) -> None:
    file = tmp_path / "a<b>&--.nn"
    file.write_text("param x : [] = 1\nloss greater(x, 0) * x\n")
    target = tmp_path / "page.html"
    assert run(file, "--html", target).exit_code == 0
    text = target.read_text(encoding="utf-8")
    assert "a<b>" not in text
    assert "a&lt;b&gt;&amp;" in text
    assert Reader(text).open == []


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    file = EXAMPLES / "circuit.nn"
    assert "is no .html file" in run(file, "--html", tmp_path / "page.svg").output
    assert "is no .svg file" in run(file, "--svg", tmp_path / "page.html").output
    assert run(file, "--html", tmp_path / "none" / "page.html").exit_code == 2
    (tmp_path / "folder.html").mkdir()
    assert run(file, "--html", tmp_path / "folder.html").exit_code == 2
    page = tmp_path / "p.html"
    assert run(file, "f", "--html", page).exit_code == 2
    assert not page.exists()

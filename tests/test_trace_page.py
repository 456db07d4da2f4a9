"""The page of `graphc trace`: each step has its line and nodes, and tells what it makes known."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from traces import EXAMPLES, FILES, NEURON, data_of, run, waves

from graphc.source import Source
from graphc.traced.view import view

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

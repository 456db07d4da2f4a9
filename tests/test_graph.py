"""`graphc graph`: a picture of what a model computes, with all that is in it, and readable."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from graphc.cli import graphc as command
from graphc.dataflow import Graph
from graphc.drawn import picture
from graphc.drawn.dot import dot
from graphc.drawn.layout import Layout, arrange
from graphc.drawn.mermaid import mermaid
from graphc.drawn.page import html
from graphc.drawn.picture import Picture
from graphc.drawn.svg import svg
from graphc.gradient import differentiate
from graphc.pipeline import front
from graphc.source import Source
from graphc.stable import stabilise

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.nn"))
KIND = "(?:param|frozen|input|target)"
TAG = "{http://www.w3.org/2000/svg}"
SHARED = """
param W : [3, 3] = 1
param b : [3] = zeros
input x : [batch, 3]
h = x @ W + b
z = tanh(h) * h
output z
loss sum(z)
"""
every_example = pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)


def solved(text: str) -> Graph:
    return front(Source(text, "model.nn"))[0]


def example(file: Path) -> Graph:
    return solved(file.read_text(encoding="utf-8"))


def layouts(layout: Layout) -> Iterator[Layout]:
    yield layout
    for spot in layout.spots.values():
        if spot.inner is not None:
            yield from layouts(spot.inner)


def titles(drawn: Picture) -> list[str]:
    return [" ".join(item.title) for item in drawn.top.everything()]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, ["graph", *map(str, arguments)])


@every_example
def test_a_picture_is_well_formed_and_names_everything_once(file: Path) -> None:
    graph = example(file)
    drawn = picture(graph, backward=True, expand=["all"])
    ElementTree.fromstring(svg(drawn))
    items = drawn.flat.items.values()
    tips = "\n".join(item.tip for item in items)
    for node in graph.leaves("param", "input", "target"):
        assert node.leaf is not None
        line = rf"(?m)^{KIND} {re.escape(node.leaf.name)} : "
        assert len(re.findall(line, tips)) == 1, node.leaf.name
    for name in graph.outputs:
        assert sum(item.output and named(item.title, name) for item in items) == 1
    assert [item.title for item in items if item.kind == "loss"] == [["loss"]]


def named(title: list[str], name: str) -> bool:
    return name in re.split(r",? ", " ".join(title).partition(" = ")[0])


@every_example
@pytest.mark.parametrize("expand", [(), ("all",)], ids=["closed", "open"])
def test_nothing_overlaps_and_everything_goes_to_the_right(
    file: Path, expand: tuple[str, ...]
) -> None:
    drawn = picture(example(file), expand=expand)
    for layout in layouts(arrange(drawn.top)):
        spots = list(layout.spots.values())
        for at, one in enumerate(spots):
            assert 0 <= one.x < one.x + one.width <= layout.width
            assert 0 <= one.y < one.y + one.height <= layout.height
            for other in spots[:at]:
                apart = one.x + one.width <= other.x or other.x + other.width <= one.x
                assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y
        for edge in layout.level.edges:
            start, end = layout.spots[edge.start], layout.spots[edge.end]
            assert start.x + start.width < end.x
        for piece in layout.pieces:
            assert piece.start[0] <= piece.flat < piece.end[0]


@every_example
def test_what_is_drawn_in_a_box_is_what_the_model_has(file: Path) -> None:
    graph = example(file)
    drawn = picture(graph, expand=["all"])
    kinds = Counter(item.kind for item in drawn.flat.items.values())
    assert kinds["input"] == len(graph.leaves("input"))
    assert kinds["loss"] == 1
    assert not kinds["box"]
    reached = {edge.end for edge in drawn.flat.edges} | {edge.start for edge in drawn.flat.edges}
    assert reached == set(drawn.flat.items)


@every_example
def test_gradients_come_back_to_the_parameters_that_have_one(file: Path) -> None:
    graph = example(file)
    learnt = set(differentiate(stabilise(graph)).gradients)
    drawn = picture(graph, backward=True, expand=["all"])
    back = {edge.start for edge, comes in drawn.flat.edges.items() if comes}
    for item in drawn.flat.items.values():
        found = set(re.findall(r"(?m)^param (\S+) : ", item.tip))
        if item.kind == "param":
            assert found
            assert (item.key in back) is bool(found & learnt)


def test_a_node_reads_as_the_line_of_the_model() -> None:
    found = titles(picture(solved(SHARED)))
    assert "h = x @ W + b" in found
    assert "z = tanh(h) * h" in found
    lines = "param W : [3, 3] = 1\ninput x : [batch, 3]\nh = x |> matmul(W) |> relu |> matmul(W)\n"
    found = titles(picture(solved(f"{lines}loss 2 * (sum(h) +\n  1)\n")))
    assert "x |> matmul(W) |> relu" in found
    assert "h = matmul(W)" in found
    assert "2 * (sum(h) + 1)" in found


def test_what_a_layer_is_given_by_name_is_shown_as_what_it_is() -> None:
    text = "input x : [batch, 3]\nh = x |> mlp(4, tanh)\nloss sum(h)\n"
    found = titles(picture(solved(text), expand=["mlp"]))
    assert "tanh" in found
    assert "h = tanh" in found
    assert found.count("dense(units)") == 2


def test_each_turn_of_a_repeat_is_a_box_of_its_own() -> None:
    text = "block twice(x) {\n    return 2 * x\n}\nparam x : [] = 1\nh = x |> repeat(3, twice)\n"
    drawn = picture(solved(f"{text}loss h\n"))
    assert sum(item.kind == "box" for item in drawn.top.everything()) == 3
    path, start = 0, next(item.key for item in drawn.top.everything() if item.kind == "param")
    after = {edge.start: edge.end for edge in drawn.top.edges}
    while start != "loss":
        path, start = path + 1, after[start]
    assert path == 4


def test_a_layer_that_is_shared_is_drawn_once() -> None:
    rnn = next(file for file in EXAMPLES if file.stem == "rnn")
    (cell,) = (one for one in picture(example(rnn)).top.everything() if one.title == ["cell"])
    assert cell.small == ["W [8, 64]", "U [64, 64]", "b [64]"]


def test_the_gradients_of_several_readers_are_added_up() -> None:
    several = picture(solved(SHARED), backward=True)
    apart = picture(solved(SHARED.replace("tanh(h) * h", "a * h\na = tanh(h)")), backward=True)
    once = picture(solved(SHARED.replace("* h", "* 2")), backward=True)
    for drawn in (several, apart):
        assert [drawn.top.gradients[value] for _, value in drawn.top.sums] == ["dh"]
    assert not once.top.sums
    assert 'class="sum"' in svg(several)
    assert 'class="sum"' not in svg(once)
    assert "dW" in svg(several)
    assert "dW" not in svg(picture(solved(SHARED)))
    assert re.search(r's0 \[label="\+"', dot(several))
    assert re.search(r's0\(\("\+"\)\)', mermaid(several))


def test_text_is_escaped() -> None:
    text = "param x : [3] = 1\ny = where(x |> greater(0), x, 2)\nloss sum(y)\n"
    graph = front(Source(text, 'a--b & <c> ".nn'))[0]
    drawn = picture(graph)
    texts = [one.text for one in ElementTree.fromstring(svg(drawn)).iter(f"{TAG}text")]
    assert "y = where(x |> greater(0), x, 2)" in texts
    assert "<c>" not in html(drawn)
    assert 'label="y = where(x |> greater(0), x, 2)"' in dot(drawn)
    assert '"y = where(x |#gt; greater(0), x, 2)"' in mermaid(drawn)


@every_example
def test_dot_and_mermaid_have_an_edge_for_each_and_name_only_what_they_declare(file: Path) -> None:
    drawn = picture(example(file), backward=True, expand=["all"])
    for text, node, arrow in (
        (dot(drawn), r"(?m)^ +(\w+) \[label", r"(?m)^ +(\w+) -> (\w+) "),
        (
            mermaid(drawn),
            r"(?m)^ +(\w+)[\[(]+\"",
            r"(?m)^ +(\w+) -(?:-|\.-)>(?:\|\".*?\"\|)? (\w+)$",
        ),
    ):
        declared = set(re.findall(node, text))
        ends = re.findall(arrow, text)
        assert {one for pair in ends for one in pair} <= declared
        assert declared >= set(drawn.flat.items)
        assert len(ends) >= len(drawn.flat.edges)
        balance = re.sub(r'"(\\.|[^"\\])*"', "", text)
        assert balance.count("{") == balance.count("}")
        assert balance.count("[") == balance.count("]")
        assert len(re.findall(r"(?m)^ *subgraph ", text)) == len(drawn.boxes)


def test_every_link_of_a_page_leads_to_a_section_of_it() -> None:
    alice = next(file for file in EXAMPLES if file.stem == "alice")
    page = html(picture(example(alice)))
    sections = re.findall(r'<section id="(\w+)"', page)
    assert len(sections) == len(set(sections)) > 20
    assert set(re.findall(r'href="#(\w+)"', page)) == set(sections)
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    for figure in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ElementTree.fromstring(figure)


def test_a_file_is_drawn_beside_itself_and_again(tmp_path: Path) -> None:
    model = tmp_path / "seed.nn"
    shutil.copy(next(file for file in EXAMPLES if file.stem == "seed"), model)
    for _ in range(2):
        done = run(model)
        assert (done.exit_code, done.output) == (0, f"wrote {tmp_path / 'seed.svg'}\n")
    for kind in ("html", "dot", "mmd"):
        for _ in range(2):
            assert run(model, "-o", tmp_path / f"seed.{kind}", "--backward").exit_code == 0
    assert run(model, "-o", "-").stdout == (tmp_path / "seed.svg").read_text(encoding="utf-8")


def test_what_cannot_be_drawn_is_told(tmp_path: Path) -> None:
    model = tmp_path / "model.nn"
    model.write_text("input x : [batch, 3]\nh = x |> dense(2)\nloss sum(h)\n")
    done = run(model, "--expand", "dens")
    assert done.exit_code == 2
    assert "no block of the model is called `dens`; did you mean `dense`?" in done.output
    done = run(model, "-o", tmp_path / "model.pdf")
    assert done.exit_code == 2
    assert "none of .svg, .html, .dot, .mmd" in done.output
    other = tmp_path / "mine.svg"
    other.write_text("<svg/>")
    done = run(model, "-o", other)
    assert done.exit_code == 2
    assert "was not written by graphc" in done.output
    assert other.read_text() == "<svg/>"
    model.write_text("loss y\n")
    done = run(model)
    assert done.exit_code == 1
    assert "E0201" in done.output
    assert not (tmp_path / "model.svg").exists()
    assert run(tmp_path / "none.nn").exit_code == 2


@every_example
@pytest.mark.parametrize("expand", [(), ("all",)], ids=["closed", "open"])
def test_no_text_is_written_over_another(file: Path, expand: tuple[str, ...]) -> None:
    drawn = picture(example(file), backward=True, expand=expand)
    boxes = []
    for text in ElementTree.fromstring(svg(drawn)).iter(f"{TAG}text"):
        kind, words = text.get("class") or "", text.text or ""
        letter, height = (6.05, 8) if "small" in kind else (7.25, 10)
        width = (letter if "head" not in kind else 8.5) * len(words)
        left = float(text.get("x", "")) - (width / 2 if "middle" in kind else 0)
        boxes.append((left, left + width, float(text.get("y", "")), height, words))
    legend = len(drawn.legend(drawn.top)) + 2  # stands below, moved there as a whole
    boxes = sorted(boxes[:-legend])
    for at, (_, end, low, high, words) in enumerate(boxes):
        for left, _, other, more, others in boxes[at + 1 :]:
            if left >= end:
                break
            assert low <= other - more or other <= low - high, (words, others)


def test_a_box_drawn_alone_names_what_enters_and_leaves_it() -> None:
    rnn = next(file for file in EXAMPLES if file.stem == "rnn")
    drawn = picture(example(rnn))
    (first,) = (chain for chain, box in drawn.boxes.items() if box.title == ["h = step(7)"])
    inside = drawn.inside(first)
    ports = {" ".join(item.title) for item in inside.items.values() if item.kind == "port"}
    assert ports == {"rows", "step", "cell", "h"}


def test_what_a_box_gives_is_what_is_read_outside() -> None:
    text = (
        "block pair(x) {\n    y = x * 2\n    unread = y * 3\n    return y + 1\n}\n"
        "param x : [] = 1\nh = x |> pair\nloss h\n"
    )
    drawn = picture(solved(text), backward=True, expand=["h"])
    assert "h = pair" in titles(drawn)
    back = {edge.start for edge, comes in drawn.flat.edges.items() if comes}
    idle = [item for item in drawn.flat.items.values() if item.title == ["unread = y * 3"]]
    assert len(idle) == 1
    assert idle[0].key not in back

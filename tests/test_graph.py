"""`graphc graph`: a picture of what a model computes, with all that is in it, and readable."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pictures import EXAMPLES, KIND, SHARED, every_example, example, solved

from graphc.drawn import picture
from graphc.drawn.dot import dot
from graphc.drawn.layout import Layout, arrange
from graphc.drawn.mermaid import mermaid
from graphc.drawn.picture import Picture
from graphc.drawn.svg import svg
from graphc.gradient import differentiate
from graphc.stable import stabilise


def layouts(layout: Layout) -> Iterator[Layout]:
    yield layout
    for spot in layout.spots.values():
        if spot.inner is not None:
            yield from layouts(spot.inner)


def titles(drawn: Picture) -> list[str]:
    return [" ".join(item.title) for item in drawn.top.everything()]


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

"""The files that `graphc graph` writes: each in its own language, all of it readable."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from pictures import EXAMPLES, TAG, every_example, example

from graphc.cli import graphc as command
from graphc.drawn import picture
from graphc.drawn.dot import dot
from graphc.drawn.mermaid import mermaid
from graphc.drawn.page import html
from graphc.drawn.svg import svg
from graphc.pipeline import front
from graphc.source import Source


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, ["graph", *map(str, arguments)])


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

"""The language reference, run: every statement, every operation, everything in the prelude."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from reference import FENCED, HEADING, PATH, made, slug

import graphc
import graphc.cli
from graphc.book import book
from graphc.errors import Report
from graphc.library import example, prelude
from graphc.misread import KEYWORDS
from graphc.printing import statement
from graphc.syntax import parse
from graphc.verify import verify

REFERENCE = PATH.read_text(encoding="utf-8")
PRELUDE = {**prelude().blocks, **prelude().updates}

# what the examples of the prelude speak of
CONTEXT = """
input  x      : [batch, 8]
input  image  : [batch, 3, 8, 8]
input  rows   : [batch, 6, 8]
input  seen   : [batch, 1, 1, 6]
target y      : [batch, 4]
target labels : int[batch]
param before  : [1, 16] = zeros
"""


def test_a_definition_read_alone_is_what_it_is_in_its_file() -> None:
    sources = {one.span.source for one in PRELUDE.values()}
    found = [one for source in sources for one in parse(source, Report()).definitions]
    assert {one.name.id for one in found} == PRELUDE.keys()
    for one in found:
        alone = PRELUDE[one.name.id]
        assert (alone.span, statement(alone)) == (one.span, statement(one))


@pytest.mark.parametrize("name", PRELUDE)
def test_the_example_of_a_definition_trains(name: str) -> None:
    line = example(PRELUDE[name])
    assert re.search(rf"\b{name}\b", line)
    lines = [CONTEXT, "p = x |> dense(4)", "z = p", "logits = p", line]
    if line.startswith("loss"):
        lines += ["output p"]
    elif line.startswith("h"):
        lines += ["output h", "loss mse(p, y) + mean(square(h))"]
    else:
        lines += ["output p", "loss mse(p, y)"]
    rng = np.random.default_rng(0)
    trainer = graphc.compile_text("\n".join(lines)).load().Trainer(seed=0)
    shapes = {"x": (5, 8), "image": (5, 3, 8, 8), "rows": (5, 6, 8), "seen": (5, 1, 1, 6)}
    data = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    data["seen"] = (data["seen"] > -1).astype(float)
    given = {**data, "y": rng.uniform(0, 1, (5, 4)), "labels": rng.integers(0, 4, 5)}
    before = trainer.theta.copy()
    assert np.isfinite(trainer.step(**given))
    assert (trainer.theta != before).any()
    assert np.isfinite(trainer.predict(**data)).all()


def test_what_is_made_is_made_of_records_prelude_and_codes(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-docs"):
        PATH.write_text(made(REFERENCE), encoding="utf-8")
    else:
        assert made(REFERENCE) == REFERENCE, "pytest tests/test_reference.py --update-docs"


def test_a_table_is_read_as_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = REFERENCE.split("### Data from a table\n")[1].split("\n## ")[0]
    model, python = re.findall(r"```(?:python)?\n(.*?)```", part, re.DOTALL)
    words = ("suburb", "hills", "old town", "harbour")
    rows = [f"{50 + 10 * i},{i % 7},{i},{words[i % 4]},{i}e4" for i in range(40)]
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    Path("houses.csv").write_text("\n".join(["area,rooms,age,district,price", *rows, ""]))
    frozen = model.replace("const mean      =", "param mean : [3] =").replace("60] ", "60] frozen ")
    for text in (frozen, model):
        Path("houses.nn").write_text(text)
        for _, line in re.findall(r"(# )(graphc .*)", python):
            result = CliRunner().invoke(graphc.cli.graphc, line.split()[1:])
            assert result.exit_code == 0, result.output
    space: dict[str, Any] = {}
    exec(python, space)
    assert repr(space["districts"]) in python
    assert space["price"].shape == (1, 1)
    trainer = graphc.compile_text(frozen).load().Trainer()
    assert trainer.predict([[0, 0, 0]], [1]) != trainer.predict([[120, 4, 60]], [1])
    trainer.params["mean"][:] = 0
    before = trainer.predict([[0, 0, 0]], [1])
    trainer.params["mean"][:] = [120, 4, 60]
    assert trainer.predict([[120, 4, 60]], [1]) == before


def test_every_link_within_the_reference_leads_to_one_heading() -> None:
    anchors = [slug(name) for _, name in HEADING.findall(FENCED.sub("", REFERENCE))]
    assert len(anchors) == len(set(anchors))
    for link in re.findall(r"\]\(#([^)]+)\)", REFERENCE):
        assert link in anchors
    for path in re.findall(r"\]\((\.[^)#]+)\)", REFERENCE):
        assert (PATH.parent / path).exists()


def test_every_operation_has_one_kind() -> None:
    kinds = REFERENCE.split("### By kind\n")[1].split("\n###")[0]
    listed = re.findall(r"\[(\w+)\]", kinds)
    assert len(listed) == len(set(listed))
    assert {op.name for op in book().public} == set(listed) - PRELUDE.keys()


def blocks() -> list[str]:
    fenced = re.findall(r"(?ms)^```(\w*)\n(.*?)^```", REFERENCE)
    return [body for language, body in fenced if not language]


@pytest.mark.parametrize("place", range(len(blocks())))
def test_a_block_of_the_reference_is_a_model_or_part_of_one(place: int, tmp_path: Path) -> None:
    text = blocks()[place]
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "layers.nn").write_text("block halved(x) {\n    return x / 2\n}\n")
    if "loss " not in text:
        rest = "input x1 : [batch, 4]\ninput x2 : [batch, 4]\ntarget y : [batch, 32]\n"
        rest += "input h0 : [batch, 32]\n" if "h0" in text else ""
        rest += "h2 = x1 |> dense(32)\n" if "h2 =" not in text else ""
        text += f"{rest}output h2\nloss mse(h2, y)\n"
        text += "z = halfway(x2)\nblock halfway(x) { return x / 2 }\n" if "x2)" not in text else ""
    model = tmp_path / "model.nn"
    model.write_text(text)
    assert verify(graphc.compile_file(model).source).holds


def test_every_keyword_is_used_in_the_reference() -> None:
    words = set(re.findall(r"[a-z]+", "\n".join(blocks())))
    assert words >= KEYWORDS - {"false"}

"""Reports of `graphc train`, read back; and what they are made of in tests."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from systems import EXAMPLES

Element = ElementTree.Element

DIGITS = (EXAMPLES / "digits.nn", "--data", EXAMPLES / "digits.npz", "--epochs", 3)
SINE = (EXAMPLES / "sine.nn", "--data", EXAMPLES / "sine.csv", "--epochs", 4)
CIRCUIT = EXAMPLES / "circuit.nn"
SVG = "{http://www.w3.org/2000/svg}"
NAMES = ('<script>alert("1")</script>', "a name & that goes on and on " * 4, "plain")
KINDS = """
input x : [batch, 2]
target kind : int[batch]
z = x |> dense(8) |> relu |> dense(CLASSES)
output z
loss cross_entropy(z, kind)
optimizer adam(learning_rate = 0.05)
train(epochs = 5, batch_size = 10)
"""


def read(path: Path) -> dict[str, Element]:
    """The elements of a page that have an id; raises ParseError unless every tag is closed."""
    text = path.read_text(encoding="utf-8")
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    found = ElementTree.fromstring(re.sub(r"<!DOCTYPE html>|<meta [^>]*>", "", text))
    named = [one for one in found.iter() if "id" in one.attrib]
    assert len({one.attrib["id"] for one in named}) == len(named)
    return {one.attrib["id"]: one for one in named}


def words(element: Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def cards(page: dict[str, Element]) -> dict[str, str]:
    """What the cards of the score say."""
    found = [one for one in page["score"].iter("div") if "card" in one.get("class", "").split()]
    return {one[0].text or "": one[1].text or "" for one in found}


def confusion(page: dict[str, Element]) -> list[list[int]]:
    """The counts of the confusion matrix, without their sums."""
    table = next(one for one in page["classes"].iter("table") if "confusion" in one.attrib["class"])
    return [
        [int((cell.text or "0").replace(",", "")) for cell in row.findall("td")[:-1]]
        for row in [*table][1:]
    ]


def table(path: Path, names: list[str], rows: int = 120) -> None:
    """Rows of two numbers and one of some names, which the numbers tell."""
    random = np.random.default_rng(0).random((rows, 2))
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    lines = [f"{a:.3f},{b:.3f},{quoted[int(a * len(names))]}" for a, b in random]
    path.write_text("\n".join(["a,b,<i>kind</i>", *lines, ""]), encoding="utf-8")

"""The parts of a module that are the same in all: templates, with a model's words put in."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from importlib import resources

from graphc.printing import literal
from graphc.writer import Writer

PLACEHOLDER = re.compile(r"\$([a-z_]+)")


def space(out: Writer) -> None:
    """Two empty lines, as between functions."""
    out.line()
    out.line()


def part(out: Writer, name: str, words: Mapping[str, str]) -> None:
    """A template with its words put in. A line that is one word takes all its lines, or none."""
    text = resources.files("graphc").joinpath("templates", f"{name}.txt").read_text("utf-8")
    for line in text.rstrip("\n").split("\n"):
        alone = PLACEHOLDER.fullmatch(line.strip())
        indent = line[: len(line) - len(line.lstrip())]
        if alone:
            for one in words[alone[1]].split("\n") if words[alone[1]] else []:
                out.line(indent + one if one else "")
        else:
            out.line(PLACEHOLDER.sub(lambda match: words[match[1]], line))


def arrays(out: Writer, used: Container[str], words: Mapping[str, float], block: int) -> None:
    """Prints how arrays are made, as far as the text below needs it, and numbers that are some."""
    for name in ("aligned", "room", "spread", "blocks"):
        if name in used:
            part(out, name, {"size": str(block)})
            space(out)
    if words:
        out.line("# numbers as arrays, which NumPy takes in half the time")
        for word in sorted(words, key=words.__getitem__):
            out.line(f"{word} = np.array({literal(words[word])}, DTYPE)")
        space(out)

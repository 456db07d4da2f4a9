"""The functions that the operations of a module call, printed once where they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphc.statements import Speller
from graphc.writer import Writer


def helpers(out: Writer, spellers: Iterable[Speller], plain: bool) -> None:
    """Prints the helpers that the code, or in a plain module the meaning, of some plans calls."""
    found: dict[str, str] = {}
    for spell in spellers:
        for node in spell.graph.nodes:
            if node.op is None or not node.op.helper or node.kind in found:
                continue
            rules = spell.rules(node)[: 1 if plain else 2]
            names = re.findall(r"(?m)^def (\w+)", node.op.helper)
            if any(f"{name}(" in rule for name in names for rule in rules):
                found[node.kind] = node.op.helper
    for helper in dict.fromkeys(found[name] for name in sorted(found)):
        for line in helper.strip().split("\n"):
            out.line(line)
        out.line()
        out.line()

"""Rules as comments: in letters that the model does not use, on lines of their length."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence

from graphc.op import Attributes, Op, word
from graphc.printing import show
from graphc.tree import Expr, Name, fold
from graphc.writer import wrapped

LETTERS = "uvwqrkgfabcmnst"
LONGEST = 92  # characters of a rule on one line


def explained(
    op: Op,
    attributes: Attributes,
    definitions: Mapping[str, Expr],
    shown: Sequence[str],
    taken: Container[str],
) -> str:
    """A rule as a comment: `y = a @ b: da = dy @ b.T`, in letters that the model does not use."""
    own = [*op.names, op.result, *(n for n in definitions if not n.startswith("d"))]
    used = [*shown]
    for name in used:  # and what these are made of
        inner = fold(definitions[name], _names) & definitions.keys()
        used += [one for one in definitions if one in inner and one not in used]
    parts = [f"{name} = {show(definitions[name])}" for name in definitions if name in used]
    numbers = {
        name: word(attributes[name]) for name, one in op.attributes.items() if one.kind == "number"
    }
    lines = [f"{op.equation}: {', '.join(parts)}"]
    if len(lines[0]) > LONGEST:
        lines = [f"{op.equation}:", *(f"    {one}" for one in wrapped(parts, LONGEST - 4))]
    return lettered("\n".join(lines).rstrip(","), own, taken, numbers)


def _names(expr: Expr, inner: Sequence[set[str]]) -> set[str]:
    """The names in an expression."""
    return set().union(*inner, {expr.id} if isinstance(expr, Name) else ())


def lettered(
    words: str, own: Sequence[str], taken: Container[str], numbers: Mapping[str, str] | None = None
) -> str:
    """A rule's text, its own names that the model uses too replaced by letters that are free."""
    free = (one for one in LETTERS if not {one, f"d{one}"} & {*own} and one not in taken)
    letters = {
        name: next(free, name) if name in taken or f"d{name}" in taken else name
        for name in dict.fromkeys(own)
    }
    letters |= numbers or {}

    def renamed(match: re.Match[str]) -> str:
        return f"{match[1]}{letters[match[2]]}"

    names = "|".join(map(re.escape, sorted(letters, key=len, reverse=True)))
    return re.sub(rf"\b(d?)({names})\b(?!\()", renamed, words)

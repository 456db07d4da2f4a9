"""Rules as comments: in letters that the model does not use, on lines of their length."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from functools import lru_cache

from graphc.op import Attributes, Op, word
from graphc.printing import show
from graphc.reading import names
from graphc.tree import Expr
from graphc.writer import wrapped

WORD = re.compile(r"\b[A-Za-z_]\w*\b(?!\()")  # but no operation that is called
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
    numbers = {
        name: word(attributes[name]) for name, one in op.attributes.items() if one.kind == "number"
    }
    return lettered(_told(op, tuple(definitions.items()), tuple(shown)), own, taken, numbers)


@lru_cache(maxsize=4096)
def _told(op: Op, rule: tuple[tuple[str, Expr], ...], shown: tuple[str, ...]) -> str:
    """The text of a rule in its own letters."""
    definitions = dict(rule)
    used, todo = {*shown}, [*shown]
    for name in todo:  # and what these are made of
        inner = (_read(definitions[name])[1] & definitions.keys()) - used
        used |= inner
        todo += inner
    parts = [f"{name} = {_read(definitions[name])[0]}" for name in definitions if name in used]
    lines = [f"{op.equation}: {', '.join(parts)}"]
    if len(lines[0]) > LONGEST:
        lines = [f"{op.equation}:", *(f"    {one}" for one in wrapped(parts, LONGEST - 4))]
    return "\n".join(lines).rstrip(",")


@lru_cache(maxsize=4096)
def _read(expr: Expr) -> tuple[str, frozenset[str]]:
    """The text of an expression, and the names in it."""
    return show(expr), frozenset(names(expr))


def lettered(
    words: str, own: Sequence[str], taken: Container[str], numbers: Mapping[str, str] | None = None
) -> str:
    """A rule's text, its own names that the model uses too replaced by letters that are free."""
    if not numbers and not any(name in taken or f"d{name}" in taken for name in own):
        return words
    free = (one for one in LETTERS if not {one, f"d{one}"} & {*own} and one not in taken)
    letters = {
        name: next(free, name) if name in taken or f"d{name}" in taken else name
        for name in dict.fromkeys(own)
    }
    letters |= numbers or {}

    def renamed(match: re.Match[str]) -> str:
        word = match[0]
        if word[0] == "d" and word[1:] in letters:
            return f"d{letters[word[1:]]}"
        return letters.get(word, word)

    return WORD.sub(renamed, words)

"""The parser of the language, for statements and for rules: it takes long to make, so there is one.

A rule is made of definitions, with `,` or `;` between them (`da = dy @ b.T, db = a.T @ dy`), and an
identity of two sides (`a * 1 = a`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from lark import Lark, Token

from graphc import tree
from graphc.builder import FileBuilder
from graphc.grammar import parser
from graphc.misread import FORMS
from graphc.source import Source
from graphc.tree import Expr

OPENING = {"LPAR": "RPAR", "LSQB": "RSQB"}
CLOSING = set(OPENING.values())


@cache
def language() -> tuple[Lark, FileBuilder]:
    """The parser, and what makes its trees."""
    builder = FileBuilder()
    return parser("network.lark", ["file", "statement", "expr"], builder), builder


def words(text: str) -> Iterator[Token]:
    """The tokens of a text; `Lark.lex` would make a lexer for each."""
    state = language()[0].parse_interactive(text, "file")
    return state.lexer_thread.lex(None)  # type: ignore[no-any-return, no-untyped-call]


def parse_rule(text: str) -> dict[str, Expr]:
    """The definitions of a rule, by name; raises lark's UnexpectedInput if the text is none."""
    found: dict[str, Expr] = {}
    for part in _parts(text, ",", ";"):
        one = _parsed(part, "statement")
        name = f"{one.name.id}'" if isinstance(one, tree.Next) else one.name.id
        found[name] = one.value
    return found


def parse_identity(text: str) -> tuple[Expr, Expr]:
    """Both sides of an identity; raises lark's UnexpectedInput if one is no expression."""
    left, right = _parts(text, "=")
    return _parsed(left, "expr"), _parsed(right, "expr")


def _parts(text: str, *separators: str) -> list[list[Token]]:
    """The tokens of a rule, cut wherever one of the separators stands in no brackets."""
    language()[1].source = Source(text, "<rule>")
    parts, depth = [list[Token]()], 0
    for token in words(text):
        depth += (token.type in OPENING) - (token.type in CLOSING)
        if token in separators and not depth:
            parts.append([])
        elif token.type != "NEWLINE":
            # no statement begins here: what would be its keyword is a name
            token.type = "NAME" if token.type in {*FORMS, "FROZEN"} else token.type
            parts[-1].append(token)
    return parts


def _parsed(tokens: Iterable[Token], start: str) -> Any:
    state = language()[0].parse_interactive("", start)
    for token in tokens:
        state.feed_token(token)
    return state.feed_eof()  # type: ignore[no-untyped-call]

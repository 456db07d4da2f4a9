"""The grammars in `grammars/`, turned into parsers whose output is the tree."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lark import Lark, Token

from graphc import tree
from graphc.source import Source, Span
from graphc.tree import Argument, Expr

Items = list[Any]  # what a rule's callback is given: tokens, and the results of other rules


def folder() -> Path:
    """Where the grammars stand: inside an installed package, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    return next(place for place in (here / "grammars", here.parent / "grammars") if place.is_dir())


class BadToken(ValueError):
    """A word that cannot be read; `token` is where it stands, `code` how it is told."""

    def __init__(self, code: str, message: str, token: Token, help: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.token, self.help = code, message, token, help


def number(token: Token) -> int | float:
    """The value of a number; raises BadToken if it is malformed or too large."""
    text, shown = str(token), token if len(token) <= 40 else f"{token[:37]}..."
    mantissa, mark, exponent = text.lower().partition("e")
    digits = mantissa.replace(".", "", 1)
    if not digits.isdigit() or (mark and not exponent.lstrip("+-").isdigit()):
        product = re.fullmatch(r"([1-9][0-9]*(?:\.[0-9]+)?)([A-DF-Za-df-z]\w*)", text)
        hint = "numbers are written `12`, `0.5` or `1e-3`"
        hint = f"a product is written `{product[1]} * {product[2]}`" if product else hint
        raise BadToken("E0102", f"`{shown}` is not a number", token, hint)
    if text.isdigit():
        if len(text) > 18:
            hint = "whole numbers have at most 18 digits"
            raise BadToken("E0107", f"`{shown}` is too large", token, hint)
        return int(text)
    value = float(text)
    if value == float("inf"):
        raise BadToken("E0107", f"`{shown}` is too large", token, "the largest number is 1.8e308")
    return value


class ExprBuilder(threading.local):
    """Lark's callbacks for `expr.lark`. Imported rules arrive as `expr__name`: the prefix goes.

    Parsers are shared, so `source`, the text being read, is each thread's own.
    """

    def __init__(self) -> None:
        self.source = Source("")

    def __getattr__(self, name: str) -> Callable[[Items], Any]:
        if name.startswith("expr__") and len(name) > 6:
            return getattr(self, name[6:])  # type: ignore[no-any-return]
        raise AttributeError(name)

    def span(self, first: Any, last: Any = None) -> Span:
        """From a token or expression to another."""
        last = first if last is None else last
        start = first.start_pos if isinstance(first, Token) else first.span.start
        end = last.end_pos if isinstance(last, Token) else last.span.end
        return Span(self.source, start or 0, end or 0)

    def named(self, token: Token) -> tree.Name:
        return tree.Name(self.span(token), str(token))

    def number(self, items: Items) -> Expr:
        return tree.Number(self.span(items[0]), number(items[0]))

    def flag(self, items: Items) -> Expr:
        return tree.Flag(self.span(items[0]), items[0] == "true")

    def name(self, items: Items) -> Expr:
        return self.named(items[0])

    def group(self, items: Items) -> Expr:
        return items[1]  # type: ignore[no-any-return]

    def list(self, items: Items) -> tree.ListOf:
        inner = tuple(i for i in items if i is not None and not isinstance(i, Token))
        return tree.ListOf(self.span(items[0], items[-1]), inner)

    def argument(self, items: Items) -> Argument:
        return Argument(self.named(items[0]) if items[0] is not None else None, items[2])

    def arguments(self, items: Items) -> Items:
        return [i for i in items if isinstance(i, Argument)] + [items[-1]]

    def call(self, items: Items) -> Expr:
        *given, close = items[1]
        return tree.Call(self.span(items[0], close), self.named(items[0]), tuple(given))

    def pipe(self, items: Items) -> Expr:
        first, _, function, rest = items
        given = (Argument(None, first), *(rest[:-1] if rest else ()))
        span = self.span(first, rest[-1] if rest else function)
        return tree.Call(span, self.named(function), given, piped=True)

    def infix(self, items: Items) -> Expr:
        left, symbol, right = items
        return tree.Infix(self.span(left, right), str(symbol), left, right)

    def affix(self, items: Items) -> Expr:
        symbol, operand = items
        span = self.span(symbol, operand)
        if isinstance(operand, tree.Number) and operand.value >= 0:
            return tree.Number(span, -operand.value)
        return tree.Affix(span, str(symbol), operand)

    def suffix(self, items: Items) -> Expr:
        operand, symbol = items
        return tree.Affix(self.span(operand, symbol), str(symbol), operand)


def parser(file: str, starts: list[str], builder: ExprBuilder) -> Lark:
    """A LALR parser for `file` whose reductions call `builder`; the tree is built as it reads."""
    return Lark(
        (folder() / file).read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        start=starts,
        import_paths=[str(folder())],
        transformer=builder,
        maybe_placeholders=True,
    )

"""What is told of a character that the language does not have: what it is, and what was meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from lark import Token

from graphc.errors import Report
from graphc.source import Source, Span

QUOTES = "'\"\u201c\u201d\u2018\u2019"
CHARACTERS = {
    ";": "a line end ends a statement",
    "^": "a power is written `a ** b`",
    "%": "there is no remainder in this language",
    **dict.fromkeys(QUOTES, "names and words stand without quotes"),
    "!": "a comment starts with `#`",
    ".": "a dot stands in `a.T`, the transpose, and in names inside a block: `h.W`",
    "<": "a comparison is written `less(a, b)`",
    ">": "a comparison is written `greater(a, b)`",
    "|": "a pipe is written `a |> f`",
    "\\": "a line goes on inside brackets, or where the next one begins with `|>`",
}
# letters and signs that look like those of the language
LOOKALIKES = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0410\u0412\u0415\u041a\u041c\u041d\u041e"
        "\u0420\u0421\u0422\u0425\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f"
        "\u03a1\u03a4\u03a5\u03a7\u03bf\u2212\u2013\u2014\u2010\u2011\u00d7\u00b7\u2217\u22c5"
        "\u00f7\u2044\u2215\u00a0",
        "aeopcyxABEKMHOPCTXABEZHIKMNOPTYXo-----****/// ",
        strict=True,
    )
)
# marks that turn the direction of what follows
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def binary(source: Source, report: Report) -> None:
    """Reports a text that holds zero bytes: surely no text, or one in another encoding."""
    where = source.text.index("\0")
    message, hint = "the file holds a zero byte: it is no UTF-8 text", "save it as UTF-8"
    report.add("E0101", Span(source, where, where + 1), message, help=hint)


def character(where: Span, report: Report, quoted: str = "") -> None:
    """Reports a character that the language does not have; `quoted` is the hint for a quote."""
    char = where.text[0]
    span = Span(where.source, where.start, where.start + 1)
    named, category = unicodedata.name(char, "").capitalize(), unicodedata.category(char)
    named = "" if named.startswith("Cjk") else named  # those are only numbered
    code = f"U+{ord(char):04X}"
    like = LOOKALIKES.get(char) or unicodedata.normalize("NFKC", char)
    hint = (char in QUOTES and quoted) or CHARACTERS.get(char, "")
    if like == " ":
        hint = "write an ordinary space"
    elif not char.isascii() and like.isascii() and like.isprintable():
        hint = f"it only looks like `{like}`: type that"
    elif category.startswith("L"):
        hint = "names are made of the letters a to z and A to Z, digits and `_`"
    elif category in {"Zl", "Zp"} or char in "\x0b\x0c\x85":
        hint = "end the line with an ordinary line end"
    elif category == "Cf":
        hint = "it is invisible: delete it"
    if char.isprintable():
        shown = f"`{char}`" if char.isascii() else f"`{char}` ({code} {named})".replace(" )", ")")
    else:
        shown = f"{code} ({named})" if named else code
    message = f"{shown} is not part of the language"
    if char in TURNING:
        message, hint = f"{shown} makes a text read in another order than it stands", "delete it"
    report.add("E0101", span, message, help=hint)


def meant(tokens: Sequence[Token]) -> str:
    """The name that a statement defines if its first letters are read as what they look like."""
    word = ""
    for token in tokens:
        if token.type not in {"UNREADABLE", "NAME"}:
            break
        word += "".join(
            LOOKALIKES.get(char) or char for char in unicodedata.normalize("NFKC", token)
        )
    return word

"""What is told of a text that does not parse: which word or character, and what was expected."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from lark import Token

from graphc.errors import Report
from graphc.source import Source, Span

FORMS = {
    "NN": "nn 1",
    "MODEL": "model NAME",
    "DTYPE": "dtype float32` or `dtype float64",
    "DIM": "dim NAME = SIZE",
    "INPUT": "input NAME : [SIZE, ...]",
    "TARGET": "target NAME : [SIZE, ...]",
    "PARAM": "param NAME : [SIZE, ...] = INITIALISER",
    "CONST": "const NAME = NUMBER or LIST",
    "NAME": "NAME = EXPRESSION",
    "OUTPUT": "output NAME, NAME, ...",
    "LOSS": "loss EXPRESSION",
    "OPTIMIZER": "optimizer NAME(ARGUMENT = VALUE, ...)",
    "TRAIN": "train(epochs = 20, batch_size = 32)",
    "IMPORT": 'import "FILE.nn"',
    "BLOCK": "block NAME(ARGUMENT, ...) {",
    "RETURN": "return EXPRESSION",
    "UPDATE": "update NAME(ARGUMENT = VALUE, ...) {",
    "STATE": "state NAME = NUMBER",
}
STARTS = {name.lower() for name in FORMS if name != "NAME"}
PLAIN = STARTS - {"dim", "input", "target", "param", "const", "train", "state"}  # without `=`
KEYWORDS = STARTS | {"frozen", "true", "false"}

CHARACTERS = {
    ";": "a line end ends a statement",
    "^": "a power is written `a ** b`",
    "%": "there is no remainder in this language",
    **dict.fromkeys("'\"\u201c\u201d\u2018\u2019", "names and words stand without quotes"),
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
PAIRS = {
    "==": "a definition has one `=`, and a comparison is written `equal(a, b)`",
    "//": "a quotient is written `a / b`, and a comment starts with `#`",
    "+=": "a name has one value: give the sum a name of its own",
    "-=": "a name has one value: give the difference a name of its own",
    "*=": "a name has one value: give the product a name of its own",
    "/=": "a name has one value: give the quotient a name of its own",
    ":=": "a definition is written `NAME = EXPRESSION`",
}
OPERATORS = {"PLUS", "MINUS", "STAR", "SLASH", "AT", "POWER", "PIPE"}
SIGNS = {
    "PIPE": "|>",
    "COLON": ":",
    "EQUAL": "=",
    "FROZEN": "frozen",
    "LPAR": "(",
    "LSQB": "[",
    "COMMA": ",",
    "RPAR": ")",
    "RSQB": "]",
    "LBRACE": "{",
}


def place(source: Source, token: Token) -> Span:
    """Where a token stands."""
    return Span(source, token.start_pos or 0, token.end_pos or 0)


def binary(source: Source, report: Report) -> None:
    """Reports a text that holds zero bytes: surely no text, or one in another encoding."""
    where = source.text.index("\0")
    message, hint = "the file holds a zero byte: it is no UTF-8 text", "save it as UTF-8"
    report.add("E0101", Span(source, where, where + 1), message, help=hint)


def character(where: Span, report: Report) -> None:
    """Reports a character that the language does not have."""
    char = where.text[0]
    span = Span(where.source, where.start, where.start + 1)
    named, category = unicodedata.name(char, "").capitalize(), unicodedata.category(char)
    named = "" if named.startswith("Cjk") else named  # those are only numbered
    code = f"U+{ord(char):04X}"
    like = LOOKALIKES.get(char) or unicodedata.normalize("NFKC", char)
    hint = CHARACTERS.get(char, "")
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


def unexpected(
    source: Source, tokens: Sequence[Token], at: int, expected: set[str], report: Report
) -> None:
    """Reports the token at index `at`, or the end, that stands where one of `expected` should."""
    first = tokens[0]
    found = tokens[at] if at < len(tokens) else None
    named = at == 1 and found is not None and found.type == "EQUAL"
    if str(first) in KEYWORDS and (named or (len(tokens) > 1 and tokens[1].type == "EQUAL")):
        form = f"write `{FORMS[first.type]}`" if first.type in FORMS else ""
        form += "" if "=" in form else ", without `=`"
        other = "" if str(first) in PLAIN else f"choose another name, such as `{first}_`"
        _keyword(source, first, ", or ".join(filter(None, (other, form))), report)
    elif first.type not in FORMS:
        message = f"a statement cannot begin with `{_short(first)}`"
        hint = _pair(source, place(source, first)) or CHARACTERS["\\"]
        report.add("E0103", place(source, first), message, help=hint)
    elif found is not None and str(found) in KEYWORDS and "NAME" in expected:
        last = "`frozen` is the last word of its statement" if found.type == "FROZEN" else ""
        _keyword(source, found, last, report)
    elif first.type == "NAME" and at == 1 and _stray(source, tokens, report):
        pass
    else:
        where = place(source, found) if found is not None else place(source, tokens[-1]).after
        but = f"found `{_short(found)}`" if found is not None else "the statement ends"
        message = f"expected {_wanted(tokens, at, expected)}, but {but}"
        report.add("E0103", where, message, help=_hint(source, tokens, at, expected, report))


def _keyword(source: Source, token: Token, hint: str, report: Report) -> None:
    message = f"`{token}` is a keyword and cannot be a name"
    hint = hint or f"choose another name, such as `{token}_`"
    report.add("E0105", place(source, token), message, help=hint)


def _stray(source: Source, tokens: Sequence[Token], report: Report) -> bool:
    """Whether a statement begins with a word that begins none, which is reported."""
    first, second = tokens[0], tokens[1].type if len(tokens) > 1 else ""
    near = report.nearest(str(first), STARTS if second != "LPAR" else {"train"})
    if second == "LPAR" and not near:
        message = "a call alone is no statement"
        near = f"give its result a name: `NAME = {_short(first)}(...)`, or write `|>` before it"
    elif second == "NAME" or near:
        message = f"`{_short(first)}` begins no statement"
        near = near or f"those that do are {', '.join(sorted(STARTS))}, and `NAME = ...`"
    else:
        return False
    report.add("E0103", place(source, first), message, help=near)
    return True


def _wanted(tokens: Sequence[Token], at: int, expected: set[str]) -> str:
    """What could stand at a place, in words."""
    before = [token.type for token in tokens[:at]]
    declaring = "COLON" in before and "EQUAL" not in before
    if "STRING" in expected:
        return "the name of a file in quotes"
    if before[-1] == "COLON":
        return "a shape in brackets"
    if before[-1] == "PIPE":
        return "the name of an operation"
    if "NUMBER" in expected:
        return "a number" if "NAME" not in expected else "a size" if declaring else "a value"
    if "NAME" in expected:
        return "a name"
    operator = "PLUS" in expected
    words = ["an operator"] if operator and tokens[0].type not in {"PARAM", "CONST"} else []
    hidden = {"EQUAL", "LPAR", "LSQB", "PIPE"} if operator else set()
    words += [f"`{sign}`" for name, sign in SIGNS.items() if name in expected - hidden]
    words += ["the end of the statement"] if "$END" in expected else []
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def _hint(
    source: Source, tokens: Sequence[Token], at: int, expected: set[str], report: Report
) -> str:
    found = tokens[at] if at < len(tokens) else None
    if found is not None:
        if hint := _pair(source, place(source, found)):
            return hint
        if "FROZEN" in expected and (near := report.nearest(str(found), {"frozen"})):
            return near
        if found.type == "STRING":
            return CHARACTERS['"']
        if found.type in {"LBRACE", "RBRACE"}:
            return "lists and shapes stand in `[ ]`"
        if found.type == "LSQB" and "PLUS" in expected:
            return "there is no indexing: a part is written `slice(x, 0, 2)`"
        if (
            found.type in OPERATORS
            and "PIPE" in expected
            and "PIPE" in {token.type for token in tokens[:at]}
        ):
            return "a pipe that is part of a sum or product stands in brackets: `(a |> f) + b`"
    elif tokens[-1].type in OPERATORS:
        return CHARACTERS["\\"]
    kind = tokens[0].type
    if kind == "NAME" and found is not None and found.type == "COLON":
        return f"data is declared with `input {tokens[0]} : ...` or `target {tokens[0]} : ...`"
    inside = "EQUAL" in {token.type for token in tokens[:at]} or (kind == "LOSS" and at > 1)
    if inside and kind not in {"TRAIN", "OPTIMIZER"}:
        return ""
    return f"the form is `{FORMS[kind]}`"


def _pair(source: Source, where: Span) -> str:
    """The hint for a sign of two characters that other languages have."""
    text = source.text
    pairs = (text[where.start - 1 : where.start + 1], text[where.start : where.start + 2])
    return next((PAIRS[pair] for pair in pairs if pair in PAIRS), "")


def _short(token: Token) -> str:
    return str(token) if len(token) < 40 else f"{token[:37]}..."

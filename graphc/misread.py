"""What is told of a text that does not parse: which word or character, and what was expected."""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token

from graphc.characters import CHARACTERS
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

PAIRS = {
    "==": "a definition has one `=`, and a comparison is written `equal(a, b)`",
    "//": "a quotient is written `a / b`, and a comment starts with `#`",
    "+=": "a name has one value: give the sum a name of its own",
    "-=": "a name has one value: give the difference a name of its own",
    "*=": "a name has one value: give the product a name of its own",
    "/=": "a name has one value: give the quotient a name of its own",
    ":=": "a definition is written `NAME = EXPRESSION`",
}
ELSEWHERE = {
    "and": "the product of two comparisons is 1 where both hold",
    "or": "`maximum` of two comparisons is 1 where one of them holds",
    "not": "`1 - a` is 1 where a comparison `a` does not hold",
    "if": "a choice is written `where(condition, a, b)`",
    "lambda": "a function is written as a `block`",
    "def": "a function is written as a `block`",
    "class": "a layer is written as a `block`",
    "for": "a layer is applied several times with `repeat`",
    "while": "a layer is applied several times with `repeat`",
    "from": 'blocks of another file are taken in with `import "FILE.nn"`',
}  # words of Python, and what is written instead
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


def unexpected(
    source: Source, tokens: Sequence[Token], at: int, expected: set[str], report: Report
) -> None:
    """Reports the token at index `at`, or the end, that stands where one of `expected` should."""
    first = tokens[0]
    found = tokens[at] if at < len(tokens) else None
    named = at == 1 and found is not None and found.type == "EQUAL"
    if str(first) in KEYWORDS and (named or (len(tokens) > 1 and tokens[1].type == "EQUAL")):
        form = f"write `{FORMS[first.type]}`" if first.type in FORMS else ""
        form += ", without `=`" if form and "=" not in form else ""
        other = "" if str(first) in PLAIN else f"choose another name, such as `{first}_`"
        _keyword(source, first, ", or ".join(filter(None, (other, form))), report)
    elif first.type not in FORMS:
        message = f"a statement cannot begin with `{_short(first)}`"
        hint = _pair(source, place(source, first)) or CHARACTERS["\\"]
        report.add("E0103", place(source, first), message, help=hint)
    elif found is not None and str(found) in KEYWORDS and "NAME" in expected:
        last = "`frozen` is the last word of its statement" if found.type == "FROZEN" else ""
        _keyword(source, found, last, report)
    elif found is not None and found.type == "EQUAL" and tokens[at - 1].type in {"TRUE", "FALSE"}:
        _keyword(source, tokens[at - 1], "", report)
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
    near = ELSEWHERE.get(str(first), "")
    near = near or report.nearest(str(first), STARTS if second != "LPAR" else {"train"})
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
        for token in (found, tokens[at - 1]):
            if token.type == "NAME" and str(token) in ELSEWHERE and "PLUS" in expected:
                return ELSEWHERE[token]
        if "FROZEN" in expected and (near := report.nearest(str(found), {"frozen"})):
            return near
        if found.type == "STRING":
            return CHARACTERS['"']
        if found.type in {"LBRACE", "RBRACE"} and tokens[0].type not in {"BLOCK", "UPDATE"}:
            return "lists and shapes stand in `[ ]`"
        if found.type == "LSQB" and "PLUS" in expected:
            return "there is no indexing: a part is written `slice(x, 0, 2)`"
        if found.type == "LPAR" and tokens[at - 1].type == "PATH":
            return "operations stand without a dot: `relu(x)`; a matrix product is `x @ W`"
        if found.type == "PLUS" and "NUMBER" in expected:
            return "a number or value has no `+` before it"
        if found.type == "COMMA" and tokens[at - 1].type == "NUMBER":
            return "a decimal point is written `.`"
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
    if inside and kind not in {"TRAIN", "OPTIMIZER", "BLOCK", "UPDATE"}:
        return ""
    return f"the form is `{FORMS[kind]}`"


def _pair(source: Source, where: Span) -> str:
    """The hint for a sign of two characters that other languages have."""
    text = source.text
    pairs = (text[where.start - 1 : where.start + 1], text[where.start : where.start + 2])
    return next((PAIRS[pair] for pair in pairs if pair in PAIRS), "")


def _short(token: Token) -> str:
    return str(token) if len(token) < 40 else f"{token[:37]}..."

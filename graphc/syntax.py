"""text -> tree: statements cut at line ends and parsed one by one, so every mistake is found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedToken, VisitError

from graphc import tree
from graphc.errors import Note, Report, nearest
from graphc.grammar import BadNumber, ExprBuilder, parser
from graphc.source import Source, Span

FORMS = {
    "NN": "nn 1",
    "MODEL": "model NAME",
    "DTYPE": "dtype float32, or dtype float64",
    "DIM": "dim NAME = SIZE",
    "INPUT": "input NAME : [DIM, ...]",
    "TARGET": "target NAME : [DIM, ...]",
    "PARAM": "param NAME : [DIM, ...] = INITIALISER",
    "CONST": "const NAME = NUMBER or LIST",
    "NAME": "NAME = EXPRESSION",
    "OUTPUT": "output NAME, ...",
    "LOSS": "loss EXPRESSION",
    "OPTIMIZER": "optimizer NAME(ARGUMENT = VALUE, ...)",
    "TRAIN": "train(epochs = N, batch_size = N)",
}
KEYWORDS = {name.lower() for name in FORMS if name != "NAME"} | {"frozen", "true", "false"}
OPENING = {"LPAR": "RPAR", "LSQB": "RSQB"}
CLOSING = set(OPENING.values())
DEEPEST = 500


class FileBuilder(ExprBuilder):
    """Lark's callbacks for `network.lark`: one record of the tree per statement."""

    def type(self, items: list[Any]) -> tree.Type:
        kind, dims = items
        span = self.span(dims if kind is None else kind, dims)
        if kind is not None and kind != "int":
            raise BadNumber("E0307", f"`{kind}` is no kind of data: only `int[...]` is", kind)
        return tree.Type(span, kind is not None, dims.items)

    def version(self, items: list[Any]) -> tree.Statement:
        value = tree.Number(self.span(items[1]), self.number([items[1]]).value)  # type: ignore[union-attr]
        return tree.Version(self.span(items[0], items[1]), value)

    def model(self, items: list[Any]) -> tree.Statement:
        return tree.ModelName(self.span(items[0], items[1]), self.named(items[1]))

    def dtype(self, items: list[Any]) -> tree.Statement:
        return tree.DType(self.span(items[0], items[1]), self.named(items[1]))

    def dimension(self, items: list[Any]) -> tree.Statement:
        return tree.Dimension(self.span(items[0], items[3]), self.named(items[1]), items[3])

    def data(self, items: list[Any]) -> tree.Statement:
        kind, name, _, type_ = items
        return tree.DataInput(self.span(kind, type_), str(kind), self.named(name), type_)

    def param(self, items: list[Any]) -> tree.Statement:
        keyword, name, _, type_, _, init, frozen = items
        span = self.span(keyword, frozen or init)
        return tree.Param(span, self.named(name), type_, init, frozen is not None)

    def const(self, items: list[Any]) -> tree.Statement:
        keyword, name, _, type_, _, value = items
        return tree.Const(self.span(keyword, value), self.named(name), type_, value)

    def assign(self, items: list[Any]) -> tree.Statement:
        return tree.Assign(self.span(items[0], items[2]), self.named(items[0]), items[2])

    def output(self, items: list[Any]) -> tree.Statement:
        names = tuple(self.named(item) for item in items if item.type == "NAME")
        return tree.Output(self.span(items[0], items[-1]), names)

    def loss(self, items: list[Any]) -> tree.Statement:
        return tree.Loss(self.span(items[0], items[1]), items[1])

    def optimizer(self, items: list[Any]) -> tree.Statement:
        keyword, name, rest = items
        span = self.span(name, rest[-1] if rest else name)
        rule = tree.Call(span, self.named(name), tuple(rest[:-1]) if rest else ())
        return tree.Optimizer(self.span(keyword, rule), rule)

    def train(self, items: list[Any]) -> tree.Statement:
        return tree.Train(self.span(items[0], items[1][-1]), tuple(items[1][:-1]))


@cache
def _language() -> tuple[Lark, FileBuilder]:
    builder = FileBuilder()
    return parser("network.lark", ["file", "statement"], builder), builder


def parse(source: Source, report: Report) -> tree.File:
    """The statements of a file. What does not parse goes to `report` and is left out."""
    lark, builder = _language()
    builder.source = source
    statements: list[tree.Statement] = []
    broken: set[str] = set()
    for tokens, sound in _statements(source, list(lark.lex(source.text)), report):
        statement = _statement(lark, builder, tokens, report) if sound else None
        if statement is not None:
            statements.append(statement)
        else:
            defined = tokens[:1] if tokens[0].type == "NAME" else tokens[1:2]
            broken |= {str(token) for token in defined}
    return tree.File(source, tuple(statements), frozenset(broken))


def _place(source: Source, token: Token) -> Span:
    return Span(source, token.start_pos or 0, token.end_pos or 0)


def _statements(
    source: Source, tokens: list[Token], report: Report
) -> Iterator[tuple[list[Token], bool]]:
    """The tokens of one statement after the other, and whether their brackets match."""
    current: list[Token] = []
    open_: list[Token] = []
    sound = True

    def unclosed(first: Token, where: Token | None) -> None:
        notes = [Note(_place(source, where), "a new statement begins here")] if where else []
        report.add(
            "E0104",
            _place(source, first),
            f"this `{first}` is never closed",
            label="opened here",
            notes=notes,
        )

    for index, token in enumerate(tokens):
        if token.type == "NEWLINE":
            if not open_ and not _continues(tokens, index):
                if current:
                    yield current, sound
                current, sound = [], True
            continue
        starts_line = index > 0 and tokens[index - 1].type == "NEWLINE"
        if open_ and starts_line and token.type in FORMS and token.type != "NAME":
            unclosed(open_[0], token)
            yield current, False
            current, open_, sound = [], [], True
        if token.type in OPENING:
            open_.append(token)
            if len(open_) == DEEPEST:
                message = f"brackets are nested more than {DEEPEST} deep"
                report.add("E0109", _place(source, token), message)
                sound = False
        elif token.type in CLOSING:
            if open_ and OPENING[open_[-1].type] == token.type:
                open_.pop()
            elif sound:
                notes = [Note(_place(source, open_[-1]), "opened here")] if open_ else []
                message = f"this `{token}` closes nothing"
                if open_:
                    message = f"this `{token}` does not close the `{open_[-1]}`"
                    open_.pop()
                report.add("E0104", _place(source, token), message, notes=notes)
                sound = False
        current.append(token)
    if open_ and sound:
        unclosed(open_[0], None)
    if current:
        yield current, sound and not open_


def _continues(tokens: list[Token], index: int) -> bool:
    """Whether the line after this line end goes on with a pipe."""
    while index < len(tokens) and tokens[index].type == "NEWLINE":
        index += 1
    return index < len(tokens) and tokens[index].type == "PIPE"


def _statement(
    lark: Lark, builder: FileBuilder, tokens: list[Token], report: Report
) -> tree.Statement | None:
    for token in tokens:
        if token.type == "UNREADABLE":
            _unreadable(builder.source, token, report)
            return None
    state = lark.parse_interactive("", start="statement")
    token = tokens[0]
    try:
        for token in tokens:
            state.feed_token(token)
        return state.feed_eof(tokens[-1])  # type: ignore[no-any-return]
    except BadNumber as bad:
        report.add(bad.code, _place(builder.source, bad.token), bad.message)
    except VisitError as error:
        if not isinstance(error.orig_exc, BadNumber):
            raise
        bad = error.orig_exc
        report.add(bad.code, _place(builder.source, bad.token), bad.message)
    except UnexpectedToken as error:
        _unexpected(builder.source, tokens, error.token, report)
    return None


NAMED = {"\ufeff": "a byte-order mark", "\x00": "a NUL byte", "\x0c": "a form feed"}


def _unreadable(source: Source, token: Token, report: Report) -> None:
    char = str(token)
    shown = f"`{char}` " if char.isprintable() else ""
    what = NAMED.get(char, f"{shown}(U+{ord(char):04X})")
    help = {
        ";": "a line end ends a statement",
        "^": "a power is written `a ** b`",
        "%": "there is no remainder in this language",
        "'": "names stand without quotes",
        '"': "names stand without quotes",
        "!": "a comment starts with `#`",
        "{": "`{` belongs to definitions, which a model file does not have here",
        "=": "a definition is written `name = expression`",
    }.get(char, "names are made of the letters a-z, A-Z, digits and `_`" if ord(char) > 127 else "")
    message = f"{what} is not part of the language"
    report.add("E0101", _place(source, token), message, help=help)


def _unexpected(source: Source, tokens: list[Token], found: Token, report: Report) -> None:
    first = tokens[0]
    where = _place(source, found)
    form = FORMS.get(first.type)
    if first.type == "NAME" and len(tokens) > 1 and tokens[1].type != "EQUAL":
        suggestion = nearest(str(first), KEYWORDS - {"frozen", "true", "false"})
        if suggestion or tokens[1].type == "NAME":
            message = f"`{first}` does not begin a statement"
            report.add("E0103", _place(source, first), message, help=suggestion)
            return
    if found.type == "$END":
        last = _place(source, tokens[-1])
        end = Span(source, last.end, last.end)
        message = "the statement ends too early"
        report.add("E0103", end, message, help=form and f"the form is `{form}`" or "")
        return
    previous = tokens[tokens.index(found) - 1] if found in tokens and found is not first else None
    naming = previous is not None and previous.type in {"MODEL", "DIM", "INPUT", "TARGET", "PARAM"}
    naming = naming or (previous is not None and previous.type in {"CONST", "OUTPUT"})
    second = tokens[1].type if len(tokens) > 1 else ""
    if str(found) in KEYWORDS and (naming or second == "EQUAL"):
        message = f"`{found}` is a keyword and cannot be a name"
        report.add("E0105", where, message, help=f"choose another name, such as `{found}_`")
        return
    if first.type not in FORMS:
        message = f"a statement cannot begin with `{_short(found)}`"
        report.add("E0103", where, message)
        return
    if first.type != "NAME" and second == "EQUAL":
        message = f"`{first}` is a keyword and cannot be a name"
        place = _place(source, first)
        report.add("E0105", place, message, help=f"choose another name, such as `{first}_`")
        return
    help = f"the form is `{form}`" if form else ""
    report.add("E0103", where, f"`{_short(found)}` is not expected here", help=help)


def _short(token: Token) -> str:
    return str(token) if len(token) < 40 else f"{token[:37]}..."

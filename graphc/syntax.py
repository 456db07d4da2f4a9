"""text -> tree: statements cut at line ends and parsed one by one, so every mistake is found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from lark import Lark, Token
from lark.exceptions import UnexpectedToken, VisitError

from graphc import misread, tree
from graphc.errors import Note, Report
from graphc.grammar import BadToken, ExprBuilder, Items, number, parser
from graphc.misread import FORMS, place
from graphc.source import Source, Span

OPENING = {"LPAR": "RPAR", "LSQB": "RSQB"}
CLOSING = set(OPENING.values())
COMPLETE = {"NAME", "NUMBER", "TRUE", "FALSE", "TRANSPOSED", *CLOSING}  # what may end a value
DEEPEST = 500  # brackets inside one another
LONGEST = 200  # characters of a name

IN_COMMENT = re.compile(rf"#[^\r\n]*?([{misread.TURNING}])")


class FileBuilder(ExprBuilder):
    """Lark's callbacks for `network.lark`: one record of the tree per statement."""

    def type(self, items: Items) -> tree.Type:
        kind, dims = items
        if kind is not None and kind != "int":
            hint = f"numbers need no word: `{self.source.text[dims.span.start : dims.span.end]}`"
            raise BadToken(
                "E0307", f"`{kind}` is no kind of data; `int` is the only one", kind, hint
            )
        span = self.span(dims if kind is None else kind, dims)
        return tree.Type(span, kind is not None, dims.items)

    def setting(self, items: Items) -> tree.Statement:
        keyword, word = items
        value = self.number([word]) if word.type == "NUMBER" else self.named(word)
        return tree.Setting(self.span(keyword, word), str(keyword), value)  # type: ignore[arg-type]

    def dimension(self, items: Items) -> tree.Statement:
        return tree.Dimension(self.span(items[0], items[3]), self.named(items[1]), items[3])

    def data(self, items: Items) -> tree.Statement:
        kind, name, _, type_ = items
        return tree.DataInput(self.span(kind, type_), str(kind), self.named(name), type_)

    def param(self, items: Items) -> tree.Statement:
        keyword, name, _, type_, _, init, frozen = items
        span = self.span(keyword, frozen or init)
        return tree.Param(span, self.named(name), type_, init, frozen is not None)

    def const(self, items: Items) -> tree.Statement:
        keyword, name, _, type_, _, value = items
        return tree.Const(self.span(keyword, value), self.named(name), type_, value)

    def assign(self, items: Items) -> tree.Statement:
        return tree.Assign(self.span(items[0], items[2]), self.named(items[0]), items[2])

    def output(self, items: Items) -> tree.Statement:
        names = tuple(self.named(item) for item in items if item.type == "NAME")
        return tree.Output(self.span(items[0], items[-1]), names)

    def loss(self, items: Items) -> tree.Statement:
        return tree.Loss(self.span(items[0], items[1]), items[1])

    def optimizer(self, items: Items) -> tree.Statement:
        keyword, name, rest = items
        span = self.span(name, rest[-1] if rest else name)
        rule = tree.Call(span, self.named(name), tuple(rest[:-1]) if rest else ())
        return tree.Optimizer(self.span(keyword, rule), rule)

    def train(self, items: Items) -> tree.Statement:
        return tree.Train(self.span(items[0], items[1][-1]), tuple(items[1][:-1]))


@cache
def _language() -> tuple[Lark, FileBuilder]:
    builder = FileBuilder()
    return parser("network.lark", ["file", "statement"], builder), builder


def parse(source: Source, report: Report) -> tree.File:
    """The statements of a file. What does not parse goes to `report` and is left out."""
    lark, builder = _language()
    builder.source = source
    if "\0" in source.text:
        misread.binary(source, report)
        return tree.File(source, (), frozenset(misread.KEYWORDS))
    for mark in IN_COMMENT.finditer(source.text):
        misread.character(Span(source, *mark.span(1)), report)
    statements: list[tree.Statement] = []
    broken: set[str] = set()
    above: list[Token] = []
    read = False  # whether the statement above was
    for tokens, sound in _statements(source, lark.lex(source.text), report):
        goes_on = bool(above) and _stray(tokens) and _column(tokens[0]) > _column(above[0])
        statement = None
        if sound and (read or not goes_on):
            statement = _statement(lark, builder, tokens, report)
        if statement is not None:
            statements.append(statement)
        else:
            broken |= _defined(tokens)
        if goes_on:
            # it was meant to go on with the statement above, which is not what was meant
            if read:
                statements.pop()
            broken |= _defined(above)
        above, read = (above, False) if goes_on else (tokens, statement is not None)
    return tree.File(source, tuple(statements), frozenset(broken))


def _stray(tokens: list[Token]) -> bool:
    """Whether a statement begins like none."""
    first, second = tokens[0], tokens[1] if len(tokens) > 1 else None
    if first.type == "NAME":
        return second is None or second.type != "EQUAL"
    return first.type not in FORMS


def _column(token: Token) -> int:
    """The column in which a token begins."""
    return token.column or 0


def _defined(tokens: list[Token]) -> set[str]:
    """The names that the statements in `tokens` seem to define, and their keywords."""
    found = {str(token) for token in tokens[:2] if token.type == "NAME"}
    if tokens[0].type == "UNREADABLE":
        found.add(misread.meant(tokens))
    if _stray(tokens):
        found.add("loss")  # for all that is known
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        defines = after is not None and after.type in {"EQUAL", "COLON"}
        if defines or (token.type in FORMS and token.type != "NAME"):
            found.add(str(token))
    return found


def _statements(
    source: Source, tokens: Iterable[Token], report: Report
) -> Iterator[tuple[list[Token], bool]]:
    """The tokens of one statement after the other, and whether their brackets match."""
    current: list[Token] = []
    open_: list[Token] = []
    sound, fresh = True, True  # `fresh`: the next token begins a line

    def unclosed(where: Token | None) -> None:
        notes = [Note(place(source, where), "a new statement begins here")] if where else []
        message = f"this `{open_[0]}` is never closed"
        if sound:
            report.add("E0104", place(source, open_[0]), message, notes=notes)

    for token in tokens:
        if token.type == "NEWLINE":
            fresh = True
            continue
        begins = token if fresh and token.type in FORMS and token.type != "NAME" else None
        if open_ and token.type == "EQUAL" and _begins_line(current):
            begins = current.pop()
        if open_ and begins is not None:
            unclosed(begins)
            yield current, False
            current, open_, sound = [begins] if begins is not token else [], [], True
        elif fresh and current and not open_ and token.type != "PIPE":
            yield current, sound
            current, sound = [], True
        fresh = False
        if token.type in OPENING:
            open_.append(token)
            if len(open_) == DEEPEST:
                message = f"brackets are nested more than {DEEPEST} deep"
                report.add("E0109", place(source, token), message)
                sound = False
        elif token.type in CLOSING:
            opened = open_.pop() if open_ else None
            if sound and (opened is None or OPENING[opened.type] != token.type):
                does = f"does not close the `{opened}`" if opened else "closes nothing"
                notes = [Note(place(source, opened), "opened here")] if opened else []
                report.add("E0104", place(source, token), f"this `{token}` {does}", notes=notes)
                sound = False
        if token.type != "UNREADABLE" or not current or current[-1].type != "UNREADABLE":
            current.append(token)
    if open_:
        unclosed(None)
    if current:
        yield current, sound and not open_


def _begins_line(tokens: list[Token]) -> bool:
    """Whether the last token is a name that begins a statement, though a bracket is open."""
    if len(tokens) < 2:
        return False
    name, before, first = tokens[-1], tokens[-2], tokens[0]
    below = name.line != before.line and _column(name) == _column(first)
    return name.type == "NAME" and below and before.type in COMPLETE


def _statement(
    lark: Lark, builder: FileBuilder, tokens: list[Token], report: Report
) -> tree.Statement | None:
    """The tree of one statement; None if it does not parse, which is reported."""
    source = builder.source
    for token in tokens:
        if token.type == "UNREADABLE":
            misread.character(place(source, token), report)
            return None
        if token.type == "NAME" and len(token) > LONGEST:
            message = f"this name has {len(token)} characters; {LONGEST} are allowed"
            report.add("E0110", place(source, token), message)
            return None
    state, fed = lark.parse_interactive("", start="statement"), 0
    try:
        for token in tokens:
            state.feed_token(token)
            fed += 1
        return state.feed_eof(tokens[-1])  # type: ignore[no-any-return,no-untyped-call]
    except UnexpectedToken:
        before = lark.parse_interactive("", start="statement")
        for token in tokens[:fed]:
            before.feed_token(token)
        expected = before.accepts()  # type: ignore[no-untyped-call]
        misread.unexpected(source, tokens, fed, expected, report)
    except (BadToken, VisitError) as error:
        bad = error.orig_exc if isinstance(error, VisitError) else error
        if not isinstance(bad, BadToken):
            raise
        _told(source, bad, report)
        for token in tokens:
            if token.type == "NUMBER":
                try:
                    number(token)
                except BadToken as other:
                    _told(source, other, report)
    return None


def _told(source: Source, bad: BadToken, report: Report) -> None:
    report.add(bad.code, place(source, bad.token), bad.message, help=bad.help)

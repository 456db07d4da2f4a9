"""text -> tree: statements cut at line ends and parsed one by one, so every mistake is found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lark import Lark, Token
from lark.exceptions import UnexpectedToken, VisitError

from graphc import characters, misread, tree
from graphc.builder import FileBuilder
from graphc.errors import Note, Report
from graphc.grammar import BadToken, number
from graphc.language import CLOSING, OPENING, language, words
from graphc.misread import FORMS, place
from graphc.nesting import Nest
from graphc.source import Source, Span
from graphc.volume import within

COMPLETE = {
    "NAME",
    "PATH",
    "NUMBER",
    "TRUE",
    "FALSE",
    "TRANSPOSED",
    "UNREADABLE",
    *CLOSING,
}  # what may end a value
STARTING = {*FORMS, "RBRACE"} - {"NAME"}  # what no open bracket goes on with in a new line
DEEPEST = 500  # brackets inside one another
LONGEST = 200  # characters of a name

COMMENT = re.compile(r"#[^\r\n]*")
TURNING = re.compile(f"[{characters.TURNING}]")


def parse(source: Source, report: Report, start: int = 0, end: int | None = None) -> tree.File:
    """The statements of a file, or of a part. What does not parse goes to `report`, left out."""
    lark, builder = language()
    builder.source = source
    if not within(source, report):
        return tree.File(source, (), frozenset(misread.KEYWORDS))
    if "\0" in source.text:
        characters.binary(source, report)
        return tree.File(source, (), frozenset(misread.KEYWORDS))
    for comment in COMMENT.finditer(source.text):
        if mark := TURNING.search(source.text, *comment.span()):
            characters.character(Span(source, *mark.span()), report)
    nest = Nest(report)
    broken: set[str] = set()
    above: list[Token] = []
    read = False  # whether the statement above was
    for tokens, sound in statements(source, words(" " * start + source.text[start:end]), report):
        goes_on = bool(above) and _stray(tokens) and _column(tokens[0]) > _column(above[0])
        statement = None
        if sound and (read or not goes_on):
            statement = _statement(lark, builder, tokens, report)
        if goes_on and read:
            nest.drop(_defined(above))  # it was meant to go on, so it is not what was meant
            broken |= _defined(above)
        if statement is not None:
            nest.take(statement)
        else:
            span = place(source, tokens[0]).to(place(source, tokens[-1]))
            nest.skip(tokens, span, _defined(tokens))
            broken |= _defined(tokens)
        above, read = (above, False) if goes_on else (tokens, statement is not None)
    return nest.file(source, frozenset(broken))


def _stray(tokens: list[Token]) -> bool:
    """Whether a statement begins like none."""
    first, second = tokens[0], tokens[1] if len(tokens) > 1 else None
    if first.type in {"NAME", "PATH", "PRIMED"}:
        return second is None or second.type != "EQUAL"
    return first.type not in {*FORMS, "RBRACE"}


def _column(token: Token) -> int:
    """The column in which a token begins."""
    return token.column or 0


def _defined(tokens: list[Token]) -> set[str]:
    """The names that the statements in `tokens` seem to define, and their keywords."""
    found = {str(token) for token in tokens[:2] if token.type == "NAME"}
    if tokens[0].type == "UNREADABLE":
        found.add(characters.meant(tokens))
    if _stray(tokens):
        found.add("loss")  # for all that is known
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        defines = after is not None and after.type in {"EQUAL", "COLON"}
        if defines or (token.type in FORMS and token.type != "NAME"):
            found.add(str(token))
    return found


def statements(
    source: Source, tokens: Iterable[Token], report: Report
) -> Iterator[tuple[list[Token], bool]]:
    """The tokens of one statement after the other, and whether their brackets match."""
    current: list[Token] = []
    open_: list[Token] = []
    sound, fresh = True, True  # `fresh`: the next token begins a line

    def unclosed(where: Token | None) -> None:
        ends = where is not None and where.type == "RBRACE"
        does = "the definition ends here" if ends else "a new statement begins here"
        notes = [Note(place(source, where), does)] if where else []
        message = f"this `{open_[0]}` is never closed"
        strange = [token for token in current if token.type == "UNREADABLE"]
        if sound and strange:  # it may look like the bracket that is missing
            characters.character(place(source, strange[0]), report)
        elif sound:
            report.add("E0104", place(source, open_[0]), message, notes=notes)

    for token in tokens:
        if token.type == "NEWLINE":
            fresh = True
            continue
        begins = token if fresh and token.type in STARTING else None
        if open_ and token.type == "EQUAL" and _begins_line(current):
            begins = current.pop()
        if open_ and begins is not None:
            unclosed(begins)
            yield current, False
            current, open_, sound = [begins] if begins is not token else [], [], True
        elif current and not open_ and (_ends(current, token) or (fresh and _begins(token))):
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


def _begins(token: Token) -> bool:
    """Whether a statement can begin with the first word of a line."""
    return token.type not in {"PIPE", "LBRACE"}


def _ends(tokens: list[Token], after: Token) -> bool:
    """Whether a statement ends here, though its line goes on: at the braces of a definition."""
    opens = tokens[0].type in {"BLOCK", "UPDATE"} and tokens[-1].type == "LBRACE"
    ends = after.type == "RBRACE" and all(token.type != "LBRACE" for token in tokens)
    return opens or ends or tokens[0].type == "RBRACE"


def _begins_line(tokens: list[Token]) -> bool:
    """Whether the last token is a name that begins a statement, though a bracket is open."""
    if len(tokens) < 2:
        return False
    name, before, first = tokens[-1], tokens[-2], tokens[0]
    below = name.line != before.line and _column(name) == _column(first)
    ended = before.type in {*COMPLETE, *misread.OPERATORS}
    return name.type in {"NAME", "PATH"} and below and ended


def _statement(
    lark: Lark, builder: FileBuilder, tokens: list[Token], report: Report
) -> tree.Statement | None:
    """The tree of one statement; None if it does not parse, which is reported."""
    source = builder.source
    for token in tokens:
        if token.type == "UNREADABLE":
            quoted = f"the form is `{FORMS['IMPORT']}`" if tokens[0].type == "IMPORT" else ""
            characters.character(place(source, token), report, quoted)
            return None
        if token.type in {"NAME", "PATH"} and len(token) > LONGEST:
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

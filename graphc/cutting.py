"""Words cut into statements: at line ends, but not in brackets, unless they are never closed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from lark import Token

from graphc import characters, misread
from graphc.errors import Note, Report
from graphc.language import CLOSING, OPENING
from graphc.misread import FORMS, place
from graphc.source import Source

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

    words, again = iter(tokens), list[Token]()  # `again`: read a second time, the last one first
    lines, hidden, done = set[int](), set[int](), -1
    while True:
        token = again.pop() if again else next(words, None)
        if token is not None and token.type == "NEWLINE":
            fresh = True
            continue
        begins = None
        if token is not None:
            fresh = fresh or token.start_pos in lines
            begins = token if fresh and token.type in STARTING else None
            if fresh and open_:
                lines.add(token.start_pos or 0)
            if open_ and token.type == "EQUAL" and _begins_line(current, hidden):
                begins = current.pop()
        ends = bool(open_) and (token is None or begins is not None)
        if ends and sound and (current[-1].start_pos or 0) > done:
            done = current[-1].start_pos or 0
            if found := _hidden(current, lines):
                hidden |= found
                whole = [*current, token] if begins is token else [*current, begins, token]
                again += [one for one in reversed(whole) if one is not None]
                current, open_, fresh = [], [], False
                continue
        if ends:
            unclosed(begins)
            yield current, False
            current, open_, sound = [], [], True
            if begins is not None and begins is not token:
                current.append(begins)
        elif current and not open_ and (token is None or _ends(current, token, fresh)):
            yield current, sound
            current, sound = [], True
        if token is None:
            return
        fresh = False
        if token.type in OPENING:
            open_.append(token)
            if len(open_) == DEEPEST + 1:
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


def _ends(tokens: list[Token], after: Token, fresh: bool) -> bool:
    """Whether a statement ends before a word: at a line's end or the braces of a definition."""
    if fresh and after.type not in {"PIPE", "LBRACE"}:
        return True
    opens = tokens[0].type in {"BLOCK", "UPDATE"} and tokens[-1].type == "LBRACE"
    ends = after.type == "RBRACE" and all(token.type != "LBRACE" for token in tokens)
    return opens or ends or tokens[0].type == "RBRACE"


def _begins_line(tokens: list[Token], hidden: Container[int]) -> bool:
    """Whether the last token is a name that begins a statement, though a bracket is open."""
    if len(tokens) < 2:
        return False
    name, before, first = tokens[-1], tokens[-2], tokens[0]
    below = name.line != before.line and column(name) == column(first)
    ended = before.type in {*COMPLETE, *misread.OPERATORS}
    return (name.type in {"NAME", "PATH"} and below and ended) or name.start_pos in hidden


def _hidden(tokens: list[Token], lines: Container[int]) -> set[int]:
    """Where statements begin behind a `,` or `(` that, in all of `tokens`, is never closed.

    They look like arguments with a name. An argument, unlike a statement, may end with a comma.
    """
    inside: list[int] = []  # where the innermost bracket stands that each is in
    open_: list[int] = []
    for token in tokens:
        inside.append(open_[-1] if open_ else -1)
        if token.type in OPENING:
            open_.append(token.start_pos or 0)
        elif token.type in CLOSING and open_:
            open_.pop()
    never, found, margin = set(open_), set[int](), column(tokens[0])
    begun, within = -1, -1  # the latest of them, and its bracket
    for token, after, bracket in zip(tokens, [*tokens[1:], None], inside, strict=True):
        if token.start_pos in lines and column(token) == margin:
            named = token.type in {"NAME", "PATH"} and after is not None and after.type == "EQUAL"
            begun, within = token.start_pos or 0, bracket if named and bracket in never else -1
            if within >= 0:
                found.add(begun)
        elif token.type == "COMMA" and bracket == within >= 0:
            found.discard(begun)
            never.discard(bracket)  # what follows are its arguments
    return found


def column(token: Token) -> int:
    """The column in which a token begins."""
    return token.column or 0

"""Lines of an emitted module: statements, with their meaning in a second column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

COLUMN = 44
WIDTH = 100
FIELD = re.compile(r"\{(\w+)\}")
ATOM = re.compile(r"[A-Za-z_]\w*(\.\w+)*|[0-9.]+(e[+-]?\d+)?")


class Writer:
    """Collects the text of a module; an indentation is a `with` block."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._indent = 0

    def line(self, text: str = "") -> None:
        """One line at the current indentation."""
        self._lines.append(" " * self._indent + text if text else "")

    def statement(self, code: str, meaning: str) -> None:
        """A statement with what it means; one that is its own meaning has no comment."""
        if code == meaning:
            self.line(code)
        else:
            self.line(f"{code:<{COLUMN - self._indent}}  # {meaning}")

    def gap(self) -> None:
        """An empty line, unless there is one, or a block begins here."""
        if self._lines and self._lines[-1] and not self._lines[-1].endswith(":"):
            self._lines.append("")

    @contextmanager
    def indented(self) -> Iterator[None]:
        """Lines inside a block."""
        self._indent += 4
        yield
        self._indent -= 4

    @property
    def text(self) -> str:
        return "\n".join(self._lines) + "\n"


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its placeholders filled, in parentheses where they would read wrongly."""

    def put(match: re.Match[str]) -> str:
        value = values[match[1]]
        before = template[max(0, match.start() - 2) : match.start()]
        after = template[match.end() : match.end() + 3]
        bare = not before or before.endswith(("(", ", ", "[", "="))
        if ATOM.fullmatch(value) or (bare and (not after or after[0] in ",)]")):
            return value
        tight = after[:1] in {".", "["} or after.startswith(" **") or before.endswith("-")
        if _closed(value) and not (value.startswith("-") and tight):
            return value
        return f"({value})"

    return FIELD.sub(put, template)


def _closed(value: str) -> bool:
    """Whether a text is one call, subscript or number, that no operator can pull apart."""
    if ATOM.fullmatch(value.removeprefix("-")):
        return True
    depth = 0
    for char in value:
        depth += (char in "([") - (char in ")]")
        if not depth and char in " +-*/@<>=":
            return False
    return True


def wrapped(items: list[str], width: int = WIDTH - 12) -> list[str]:
    """Items joined by commas, in lines of at most `width` characters."""
    lines, current = [], ""
    for item in items:
        piece = f"{item}, "
        if current and len(current) + len(piece) > width:
            lines.append(current.rstrip())
            current = ""
        current += piece
    return [*lines, current.rstrip()] if current else lines

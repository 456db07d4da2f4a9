"""Lines of an emitted module: statements, with their meaning in a second column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

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
    fields, rest = _cut(template)
    parts = [text + _fitting(values[name], bare, tight) for text, name, bare, tight in fields]
    return "".join([*parts, rest])


@lru_cache(maxsize=4096)
def _cut(template: str) -> tuple[list[tuple[str, str, bool, bool]], str]:
    """The placeholders of a template, each with the text before it, and the text behind the last.

    And of each whether it stands bare, between commas and brackets, or tight, beside what binds.
    """
    fields, end = [], 0
    for match in FIELD.finditer(template):
        before = template[max(0, match.start() - 2) : match.start()]
        after = template[match.end() : match.end() + 3]
        bare = not before or before.endswith(("(", ", ", "[", "="))
        bare = bare and (not after or after[0] in ",)]")
        tight = after[:1] in {".", "["} or after.startswith(" **") or before.endswith("-")
        fields.append((template[end : match.start()], match[1], bare, tight))
        end = match.end()
    return fields, template[end:]


def _fitting(value: str, bare: bool, tight: bool) -> str:
    """A value as it stands in a place, in parentheses unless it reads rightly without."""
    if bare or value.isidentifier() or ATOM.fullmatch(value):
        return value
    return value if _closed(value) and not (tight and value.startswith("-")) else f"({value})"


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

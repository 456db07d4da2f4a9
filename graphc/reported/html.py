"""The pieces that every section of the page is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def section(name: str, title: str, parts: Iterable[str], note: str = "") -> str:
    """A section called `name`, which does not change; `note` stands below its title as text."""
    below = f'<p class="soft">{escape(note)}</p>' if note else ""
    body = "\n".join(part for part in parts if part)
    return f'<section id="{name}">\n<h2>{escape(title)}</h2>{below}\n{body}\n</section>'


def folded(summary: str, body: str, *, opened: bool = False) -> str:
    """What is shown after a click."""
    start = "<details open>" if opened else "<details>"
    return f"{start}<summary>{escape(summary)}</summary>\n{body}\n</details>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table of cells that are HTML; a title that begins with `#` is that of numbers."""
    numbers = [title.startswith("#") for title in head]
    titles = "".join(_cell("th", escape(title.removeprefix("#")), title[:1] == "#") for title in head)
    body = "\n".join(
        "<tr>" + "".join(map(_cell, ["td"] * len(row), row, numbers)) + "</tr>" for row in rows
    )
    named = f' class="{kind}"' if kind else ""
    return (
        f'<div class="wide"><table{named}><thead><tr>{titles}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def counted(number: int, thing: str) -> str:
    """`1 row`, `1,797 rows`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _cell(kind: str, content: str, number: bool) -> str:
    return f'<{kind} class="number">{content}</{kind}>' if number else f"<{kind}>{content}</{kind}>"

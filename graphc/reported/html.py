"""The pieces that every section of the page is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

NUMBER = ' class="number"'


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
    titles = _row("th", (escape(title.removeprefix("#")) for title in head), numbers)
    body = "\n".join(_row("td", row, numbers) for row in rows)
    named = f' class="{kind}"' if kind else ""
    return (
        f'<div class="wide"><table{named}><thead>{titles}</thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def listed(facts: Iterable[tuple[str, str]], name: str = "") -> str:
    """Pairs of what it is and its value, both text."""
    pairs = "".join(f"<dt>{escape(what)}</dt><dd>{escape(value)}</dd>" for what, value in facts)
    return f'<dl id="{name}">{pairs}</dl>' if name else f"<dl>{pairs}</dl>"


def _row(kind: str, cells: Iterable[str], numbers: Iterable[bool]) -> str:
    told = (
        f"<{kind}{NUMBER * number}>{cell}</{kind}>"
        for cell, number in zip(cells, numbers, strict=True)
    )
    return f"<tr>{''.join(told)}</tr>"

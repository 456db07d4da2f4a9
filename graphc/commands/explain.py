"""`graphc explain`: how the gradient of a model comes about, in the user's names."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from graphc.explained.text import Line

STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True},
    "model": {"fg": "cyan"},
    "formula": {"fg": "green"},
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    metavar="OUT.html",
    help="Write it as a page with typeset formulas.",
)
def explain(file: Path, names: tuple[str, ...], page: Path | None) -> None:
    """Derive the gradient of FILE, step by step, in the names of the model.

    Of a parameter NAME it tells the chain of factors from the loss, of a value what reads it and
    what flows back to it; without a NAME it lists all there are.
    """
    from graphc.commands.arguments import insist_model
    from graphc.commands.reporting import put
    from graphc.errors import nearest
    from graphc.explained.deriving import derived, renamed
    from graphc.explained.telling import lesson
    from graphc.explained.text import overview, told
    from graphc.files import write_atomically
    from graphc.opening import opened
    from graphc.pipeline import front
    from graphc.stable import stabilise

    insist_model(file)
    if page is not None and page.suffix.lower() not in (".html", ".htm"):
        _refuse(f"{page} is no .html file")
    source = opened(file)
    model, _, _ = front(source)
    derivation = derived(stabilise(model))
    known, names = derivation.known(), tuple(map(derivation.meant, names))
    for name in names:
        if name not in known:
            if alias := renamed(source, name):
                _refuse(f"{file}: `{name}` is another name for `{alias}`")
            near = nearest(name, known)
            hint = f"; did you mean `{near}`?" if near else f"; `graphc explain {file}` lists all"
            _refuse(f"{file} has no `{name}`{hint}")
    if page is not None:
        from graphc.explained.page import page as typeset

        write_atomically(page, typeset(derivation, names).encode())
        put(f"wrote {page}\n")
        return
    plain = bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
    texts = [told(derivation, lesson(derivation, name)) for name in names]
    shown = [
        "".join(f"{line.text if plain else _styled(line)}\n" for line in lines)
        for lines in texts or [overview(derivation)]
    ]
    put("\n".join(shown))


def _styled(line: Line) -> str:
    """A line in the colours of a terminal."""
    return click.style(line.text, **STYLES[line.kind]) if line.kind in STYLES else line.text


def _refuse(message: str) -> NoReturn:
    """Raises `CallError`, whose package loads NumPy, which nothing else here needs."""
    from graphc.data import CallError

    raise CallError(message)

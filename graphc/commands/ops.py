"""`graphc ops`: what a model can use, read off the operations' records and the prelude's text."""

from __future__ import annotations

import sys
import textwrap
from pathlib import PurePath

import click


@click.command()
@click.argument("name", required=False)
def ops(name: str | None) -> None:
    """List operations, blocks, optimizers and initialisers, or tell all about the one called NAME.

    A name of PyTorch or Keras finds the one that stands for it.
    """
    from graphc.book import book
    from graphc.describing import WIDTH, described
    from graphc.errors import akin, nearest
    from graphc.initial import FANS, INITIALISERS
    from graphc.library import REPEAT, example, prelude, remark
    from graphc.refusals import SIGNATURE

    library = prelude()
    if name is None:
        _list()
    elif op := book().get(name):
        click.echo(described(op))
    elif name == REPEAT:
        click.echo(f"{SIGNATURE}\n\n{REPEATS}\n\n    h = x |> repeat(8, residual(64))")
    elif one := library.blocks.get(name) or library.updates.get(name):
        about = textwrap.fill(remark(one), WIDTH, break_on_hyphens=False)
        click.echo(f"{about}\n\n    {example(one)}\n\n{one.span.text}")
    elif start := INITIALISERS.get(name):
        shown = f"{start.signature(name)}\n\n{start.caption}\n\n    {_start(name)}"
        click.echo(f"{shown}\n\n{click.wrap_text(FANS)}" if start.fans else shown)
    else:
        known = [*(op.name for op in book().public), *library.blocks, *library.updates]
        word = name.rpartition(".")[2]  # also of `nn.Linear`
        near = nearest(word, [*known, *INITIALISERS])
        told = akin(word, known) or (f"did you mean `{near}`?" if near else "")
        hint = f"; {told}" if told else ""
        click.echo(f"graphc: there is no operation `{name}`{hint}", err=True)
        sys.exit(2)


def _start(name: str) -> str:
    """A line of a model that uses an initialiser."""
    return f"param W : [8, 16] = {name}{'(0.5)' if name == 'constant' else ''}"


REPEATS = "The layer applied `times` times: each with parameters of its own, unless it has a name."


def catalogue() -> dict[str, list[tuple[str, str, str]]]:
    """Signatures, captions and examples: of operations, files of the prelude, initialisers."""
    from graphc.book import book
    from graphc.initial import INITIALISERS
    from graphc.library import example, prelude, remark
    from graphc.printing import signature

    found = {"operations": [(op.signature, op.caption, op.example) for op in book().public]}
    library = prelude()
    for one in [*library.blocks.values(), *library.updates.values()]:
        title = PurePath(one.span.source.name).stem
        found.setdefault(title, []).append((signature(one), remark(one), example(one)))
    found["initialisers"] = [
        (one.signature(name), one.caption, _start(name)) for name, one in INITIALISERS.items()
    ]
    return found


def _list() -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False)
    for title, rows in catalogue().items():
        table = Table(box=box.SIMPLE_HEAD)
        table.add_column(title, overflow="fold", ratio=1)
        table.add_column("what it is", ratio=1)
        for name, what, _ in rows:
            table.add_row(name, what)
        console.print(table)

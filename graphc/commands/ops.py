"""`graphc ops`: the operations of the language, read off their records."""

from __future__ import annotations

import sys

import click


@click.command()
@click.argument("name", required=False)
def ops(name: str | None) -> None:
    """List the operations, or tell all about the one called NAME."""
    from graphc.errors import nearest
    from graphc.op import book

    found = {op.name: op for op in book().public}
    if name is None:
        from rich import box
        from rich.console import Console
        from rich.table import Table

        table = Table(box=box.SIMPLE_HEAD)
        table.add_column("operation", no_wrap=True)
        table.add_column("what it is")
        for op in found.values():
            table.add_row(op.signature, op.caption)
        Console(highlight=False, markup=False).print(table)
    elif name in found:
        click.echo(found[name].described)
    else:
        near = nearest(name, found)
        click.echo(f"there is no operation `{name}`" + (f": {near}" if near else ""), err=True)
        sys.exit(1)

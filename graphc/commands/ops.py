"""`graphc ops`: the operations of the language, read off their records, and the optimizers."""

from __future__ import annotations

import sys

import click


@click.command()
@click.argument("name", required=False)
def ops(name: str | None) -> None:
    """List the operations and the optimizers, or tell all about the operation called NAME."""
    from graphc.book import book
    from graphc.errors import nearest
    from graphc.library import prelude
    from graphc.printing import signature

    optimizers = prelude().updates
    rules = [signature(one) for one in optimizers.values()]
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
        click.echo("\n".join(["  optimizers", *(f"  {rule}" for rule in rules)]))
    elif name in found:
        click.echo(found[name].described)
    elif name in optimizers:
        click.echo("\n".join([f"{name} is an optimizer; there are", *rules]))
    else:
        near = nearest(name, [*found, *optimizers])
        hint = f"; did you mean `{near}`?" if near else ""
        click.echo(f"graphc: there is no operation `{name}`{hint}", err=True)
        sys.exit(2)

"""`graphc verify`: the proof of a module, as a table."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dtype", type=click.Choice(["float32", "float64"]), help="Instead of the model's.")
@click.option("--seed", default=0, show_default=True, help="Of the random data.")
def verify(file: Path, dtype: str | None, seed: int) -> None:
    """Check FILE, a model or an emitted module.

    Each statement must give what its comment says, and the gradient of each parameter must agree
    with finite differences. A statement that is wrong or fails is told, and none that only follows
    from it. Exits with 1 if anything disagrees.
    """
    from graphc.commands.arguments import module_text
    from graphc.verify import NotAModule
    from graphc.verify import verify as run

    source = module_text(file, dtype)
    try:
        found = run(source, seed)
    except NotAModule as error:
        click.echo(f"{file}: {error}", err=True)
        sys.exit(1)
    missed = f"; {found.missed} could not be compared" if found.missed else ""
    click.echo(
        f"{found.agreeing} of {found.statements} statements agree with their comments{missed}"
    )
    for one in found.disagreements:
        click.echo(f"  line {one.line}: {one.statement}")
        click.echo(f"    {one.reason}")
    click.echo()
    if found.unchecked:
        click.echo(f"the gradient is not checked, as the comments do not run: {found.unchecked}")
    else:
        _table(found.parameters)
        if found.disagreements:
            click.echo(
                "This is the gradient of the comments; what the lines above do is not in it."
            )
    sys.exit(0 if found.holds else 1)


def _table(parameters: tuple[object, ...]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title="gradient against finite differences", title_style="")
    for column, side in (("parameter", "left"), ("shape", "left"), ("checked", "right")):
        table.add_column(column, justify=side)  # type: ignore[arg-type]
    table.add_column("relative error", justify="right")
    table.add_column("")
    for one in parameters:
        verdict = "agrees" if one.agrees else "DISAGREES"  # type: ignore[attr-defined]
        row = (one.name, str(list(one.shape)), str(one.checked), f"{one.error:.1e}", verdict)  # type: ignore[attr-defined]
        table.add_row(*row)
    Console(highlight=False, markup=False).print(table)

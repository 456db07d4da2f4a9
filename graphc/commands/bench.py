"""`graphc bench`: how long a step of a model takes, statement by statement."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--batch-size",
    type=click.IntRange(1, 10**9),
    metavar="N",
    help="Rows per step. Default: that of FILE.",
)
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="List the N slowest alone.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, 3600),
    default=2.0,
    show_default=True,
    metavar="X",
    help="How long to measure, about.",
)
@click.option("--dtype", type=click.Choice(["float32", "float64"]), help="Instead of the model's.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Of the random data.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, with every statement.")
def bench(
    file: Path,
    batch_size: int | None,
    top: int | None,
    seconds: float,
    dtype: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """Measure a training step of FILE, a model or an emitted module, on random data.

    Tells how long a step takes, its matrix products alone, and each statement of the module, and
    how many bytes the arrays hold. A statement is timed in its place; what the clock takes is
    subtracted.
    """
    from graphc.bench import Cannot, NotAModule
    from graphc.bench import bench as run
    from graphc.bench.report import in_order, record, slowest, summary
    from graphc.commands.arguments import module_text

    source = module_text(file, dtype)
    try:
        found = run(source, batch_size, seconds, seed)
    except (Cannot, NotAModule) as error:
        click.echo(f"{file}: {error}", err=True)
        sys.exit(1)
    if as_json:
        import json

        click.echo(json.dumps(record(str(file), found), indent=2))
        return
    from rich.console import Console

    for line in summary(str(file), found):
        click.echo(line)
    console = Console(highlight=False, markup=False)
    with console.capture() as captured:  # click knows how to print a µ anywhere
        console.print(slowest(found, top) if top else in_order(found))
    click.echo(captured.get(), nl=False)

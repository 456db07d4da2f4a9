"""`graphc new`: a folder with a model, toy data and a README, to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

KINDS = ("mlp", "cnn", "transformer", "autoencoder")


@click.command()
@click.argument("folder", metavar="NAME", type=click.Path(path_type=Path))
@click.option(
    "--template", type=click.Choice(KINDS), default=KINDS[0], help="What kind of model (mlp)."
)
def new(folder: Path, template: str) -> None:
    """Make a folder NAME with a model that trains at once: model.nn, its data, a README.

    Nothing is written if something is there already.
    """
    from graphc.commands.reporting import put
    from graphc.starters import begin

    files = begin(folder, template)
    put("".join(f"wrote {file}\n" for file in files))
    data = files[1].name
    place = shlex.quote(f"./{folder}" if str(folder).startswith("-") else f"{folder}")
    put(f"try:  cd {place} && graphc train model.nn --data {data}\n")

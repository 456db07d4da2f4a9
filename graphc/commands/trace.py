"""`graphc trace`: one example forward and back, with every value and every gradient."""

from __future__ import annotations

from pathlib import Path
from shutil import get_terminal_size
from typing import Any

import click

from graphc.commands.arguments import changed_model, insist_model, with_data


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@with_data
@click.option(
    "--row",
    "rows",
    type=click.IntRange(min=1),
    multiple=True,
    metavar="N",
    help="Which row of the data, counted from 1; the first without it. Given again: a batch.",
)
@click.option(
    "--columns",
    multiple=True,
    metavar="NAME=A,B…",
    help="The columns of a .csv file that are the input or target NAME, as in training.",
)
@click.option(
    "--set",
    "values",
    multiple=True,
    metavar="NAME=VALUE",
    help="The value of an input, target or parameter: a number, which fills it, or a list,"
    " x=[1,2]; may be given again.",
)
@click.option(
    "--params",
    type=click.Path(path_type=Path),
    metavar="P.npz",
    help="Parameters that graphc train --save wrote; fresh ones without it.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    help="Of fresh parameters, as in training.",
)
@click.option(
    "--expand",
    multiple=True,
    metavar="NAME",
    help="Show what is in the blocks of this name, or in all; may be given again. Those of a small"
    " model are open.",
)
@click.option(
    "--html",
    "target",
    type=click.Path(path_type=Path),
    metavar="OUT.html",
    help="Write a page on which one steps through the module line by line, beside the graph.",
)
@click.option(
    "--svg",
    "image",
    type=click.Path(path_type=Path),
    metavar="OUT.svg",
    help="Draw the graph with all numbers on it: values above the edges, gradients below.",
)
@changed_model
def trace(
    file: Path,
    names: tuple[str, ...],
    data: Path | None,
    rows: tuple[int, ...],
    columns: tuple[str, ...],
    values: tuple[str, ...],
    params: Path | None,
    seed: int | None,
    expand: tuple[str, ...],
    target: Path | None,
    image: Path | None,
    changed_model: bool,
) -> None:
    """Run one example through FILE, forward and back, and show every value and gradient.

    With NAMEs only those values are shown, each with the formula of its gradient.
    """
    from graphc.commands.reporting import complain, put, warn
    from graphc.compiled import compile_opened
    from graphc.data import CallError, parse_columns
    from graphc.data.output import check_output
    from graphc.files import write_atomically
    from graphc.opening import opened
    from graphc.traced.example import Given, example, pairs
    from graphc.traced.figure import svg
    from graphc.traced.page import stepper
    from graphc.traced.table import WIDTH, table
    from graphc.traced.trace import traced
    from graphc.traced.view import view

    insist_model(file)
    if params is not None and seed is not None:
        raise click.UsageError("--params has parameters of its own; it takes no --seed.")
    if params is None and changed_model:
        raise click.UsageError("--changed-model says how to take parameters; it needs --params.")
    for path, kinds in ((target, (".html", ".htm")), (image, (".svg",))):
        if path is not None:
            if path.suffix.lower() not in kinds:
                raise CallError(f"{path} is no {kinds[0]} file")
            check_output(path, (file, data, params))
            if names:
                raise click.UsageError(f"{path} is to show every value: it takes no NAME.")
    stages: dict[str, Any] = {}
    compiled = compile_opened(opened(file), on_stage=stages.__setitem__)
    warn(compiled.warnings)
    given = Given(data, rows, parse_columns(columns), params, changed_model, seed, pairs(values))
    one = example(compiled, given, file)
    if one.note:
        complain(one.note)
    seen = view(traced(stages["stable"], one), expand or ("all",) * bool(names))
    gates = [seen.named(name) for name in names] or seen.shown()
    if target is not None:
        write_atomically(target, stepper(seen, compiled.source, stages["plan"][0], one).encode())
        put(f"wrote {target}\n")
    if image is not None:
        write_atomically(image, svg(seen).encode())
        put(f"wrote {image}\n")
    if target is None and image is None:
        width = max(WIDTH, get_terminal_size().columns)
        put("".join(f"{line}\n" for line in table(seen, gates, bool(names), width)))

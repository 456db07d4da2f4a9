"""`graphc graph`: the computation graph of a model, drawn."""

from __future__ import annotations

from pathlib import Path

import click

FORMATS = (".svg", ".html", ".dot", ".mmd")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", help="Where to draw: .svg, .html, .dot or .mmd; - prints SVG.")
@click.option("--backward", is_flag=True, help="Add the way of the gradients, from the loss back.")
@click.option(
    "--expand",
    multiple=True,
    metavar="NAME",
    help="Show what is in the blocks of this name, or in all; may be given again.",
)
def graph(file: Path, output: str | None, backward: bool, expand: tuple[str, ...]) -> None:
    """Draw what FILE computes, data on the left, loss on the right.

    Without -o, model.nn is drawn in model.svg beside it. A block is a box that --expand opens, by
    the name of the block or of what it computes; in .html a click does so too.
    """
    from graphc.commands.arguments import insist_model, insist_ours
    from graphc.commands.reporting import put, warn
    from graphc.drawn import picture
    from graphc.drawn.dot import dot
    from graphc.drawn.mermaid import mermaid
    from graphc.drawn.page import html
    from graphc.drawn.svg import svg
    from graphc.files import write_atomically
    from graphc.opening import opened
    from graphc.pipeline import front

    insist_model(file)
    target = Path(output) if output else file.with_suffix(".svg")
    kind = ".svg" if output == "-" else target.suffix.lower()
    if kind not in FORMATS:
        raise click.UsageError(f"{target} is none of {', '.join(FORMATS)}")
    if output != "-":
        insist_ours(target)
    solved, _, report = front(opened(file))
    warn(report.diagnostics)
    drawn = picture(solved, backward, expand)
    text = {".svg": svg, ".html": html, ".dot": dot, ".mmd": mermaid}[kind](drawn)
    if output == "-":
        put(text)
    else:
        write_atomically(target, text.encode())
        put(f"wrote {target}\n")

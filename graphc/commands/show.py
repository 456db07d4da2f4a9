"""`graphc show`: a model with everything it uses written out."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def show(file: Path) -> None:
    """Print FILE with all its blocks written out: a model that compiles to the same numbers.

    Above what a block became stands the statement that used it.
    """
    from graphc.blocks import expand
    from graphc.commands.arguments import insist_model
    from graphc.commands.reporting import put
    from graphc.errors import Report
    from graphc.library import prelude
    from graphc.opening import opened
    from graphc.printing import written_out
    from graphc.syntax import parse

    insist_model(file)
    report = Report()
    tree = expand(parse(opened(file), report), report)
    report.stop_if_failed()
    shipped = prelude().updates
    own = [one for name, one in tree.updates.items() if one is not shipped.get(name)]
    put(written_out(tree, own))

"""`graphc show`: a model with everything it uses written out."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def show(file: Path) -> None:
    """Print FILE with all its blocks written out: a model that compiles to the same numbers.

    Above what a block became stands the statement that used it; below the model, what holds
    because it has no `optimizer` or no `train`.
    """
    from graphc.blocks import expand
    from graphc.commands.arguments import insist_model
    from graphc.commands.reporting import put
    from graphc.errors import Report
    from graphc.library import prelude
    from graphc.opening import opened
    from graphc.printing import signature, written_out
    from graphc.settings import SIGNATURE
    from graphc.syntax import parse
    from graphc.tree import Optimizer, Train
    from graphc.update import DEFAULT

    insist_model(file)
    report = Report()
    tree = expand(parse(opened(file), report), report)
    report.stop_if_failed()
    shipped = prelude().updates
    own = [one for name, one in tree.updates.items() if one is not shipped.get(name)]
    found = {type(one) for one in tree.statements}
    default = f"optimizer {signature(tree.updates[DEFAULT])}"
    silent = [
        line for kind, line in ((Optimizer, default), (Train, SIGNATURE)) if kind not in found
    ]
    put("".join([written_out(tree, own), *(f"# by default: {line}\n" for line in silent)]))

"""The computation graph of a model as a person would draw it."""

from __future__ import annotations

from collections.abc import Sequence

from graphc import __version__
from graphc.data import CallError
from graphc.dataflow import Graph
from graphc.drawn.building import Builder
from graphc.drawn.picture import Chain, Level, Picture
from graphc.errors import nearest


def picture(
    graph: Graph, backward: bool = False, expand: Sequence[str] = (), *, gates: bool = False
) -> Picture:
    """The picture of a graph whose shapes are solved.

    `expand` names the blocks whose inside is shown, or is `all`; raises CallError if there is none
    of a name. `backward` adds the way of the gradients. With `gates` every operation stands alone.
    """
    builder = Builder(graph, backward, gates)
    opened, missing = builder.named(expand)
    if missing:
        known = builder.all_names()
        near = nearest(missing[0], known)
        hint = f"did you mean `{near}`?" if near else "it has none"
        if known and not near:
            hint = f"there are {', '.join(f'`{name}`' for name in known[:8])}"
        raise CallError(f"no block of the model is called `{missing[0]}`; {hint}")
    builder.opened = opened
    top = builder.level(())
    flat = builder.flat(top)
    visible = {node.key: builder.visible(node.key) for node in graph.nodes}

    def inside(chain: Chain) -> Level:
        builder.opened = frozenset()
        return builder.level(chain)

    settings = graph.settings
    source = "".join(one if one.isprintable() else "?" for one in settings.source)
    return Picture(
        settings.name,
        f"Drawn from {source} by graphc {__version__}",
        top,
        backward,
        flat,
        inside,
        {chain: builder.box(chain) for chain in builder.calls},
        visible,
    )

"""Cycles among definitions: of each knot the shortest, told whole or, if it is long, clipped."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import networkx as nx

from graphc import tree
from graphc.errors import Note, Report

SHOWN = 8
HELP = "a value comes from values before it; what is learnt from step to step is a `param`"


def told_cycles(
    defined: Mapping[str, tree.Defining | tree.Next], needs: nx.DiGraph, report: Report
) -> list[str]:
    """The names in cycles of `needs`, whose edges run from what is read to its reader.

    Of each knot the shortest cycle through the name that stands first is reported.
    """
    place = {name: index for index, name in enumerate(defined)}
    looped: list[str] = []
    for group in nx.strongly_connected_components(needs):
        if len(group) > 1 or needs.has_edge(*list(group) * 2):
            members = sorted(group, key=place.__getitem__)
            _told(defined, _shortest(members[0], needs.subgraph(members), place), report)
            looped += members
    return looped


def _shortest(start: str, knot: nx.DiGraph, place: Mapping[str, int]) -> list[str]:
    """The shortest cycle through `start`, each name before the one that it needs."""
    depth = nx.single_source_shortest_path_length(knot, start)
    parent = dict(nx.bfs_predecessors(knot, start))
    # an edge runs from what is read to its reader, so up the search tree stands what is needed
    last = min(knot.predecessors(start), key=lambda name: (depth[name], place[name]))
    cycle = [start]
    while last != start:
        cycle.append(last)
        last = parent[last]
    return [*cycle, start]


def _told(
    defined: Mapping[str, tree.Defining | tree.Next], cycle: list[str], report: Report
) -> None:
    start, needed = cycle[0], dict(pairwise(cycle))
    shown = cycle if len(cycle) <= SHOWN else [*cycle[:4], "...", *cycle[-3:]]
    way = f": {' -> '.join(shown)}" if len(cycle) > 2 else ""
    report.add(
        "E0205",
        defined[start].name.span,
        f"`{start}` is computed from itself{way}",
        label=f"`{start}` needs `{needed[start]}`",
        notes=[
            Note(defined[name].name.span, f"`{name}` needs `{needed[name]}`")
            for name in dict.fromkeys(shown)
            if name in defined and name != start
        ],
        help="" if isinstance(defined[start], tree.Dimension) else HELP,
    )

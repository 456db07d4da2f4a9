"""tree -> graph: names resolved, calls matched to operations, everything put in order."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePath

import networkx as nx

from graphc import printing, tree
from graphc.constants import DTYPES, wrong
from graphc.cycles import told_cycles
from graphc.dataflow import Graph, Settings
from graphc.declare import told_strange
from graphc.errors import Report
from graphc.lowering import Lowering
from graphc.reading import expressions, names, walk
from graphc.scope import Scope
from graphc.settings import train_settings


def build(file: tree.File, report: Report, dtype: str | None = None) -> Graph:
    """The graph of a file, shapes still as declared; `dtype` overrides the file's.

    What is wrong goes to `report` and is left out. Raises ValueError if there is no such dtype.
    """
    if dtype not in {None, *DTYPES}:
        raise ValueError(f"there is no dtype {dtype}: there are {' and '.join(DTYPES)}")
    scope = Scope(file, report)
    lowering = Lowering(scope, report)
    for name in _order(scope, report):
        lowering.define(name)
    lowering.rest()
    outputs, loss = lowering.outputs(), lowering.loss()
    lowering.told_unknown()
    told_strange(scope)
    settings = _settings(file, scope, report, dtype)
    _ranges(file, settings.dtype, report)
    return Graph.of(lowering.draft.nodes.values(), settings, outputs=outputs, loss=loss)


def _settings(file: tree.File, scope: Scope, report: Report, dtype: str | None) -> Settings:
    path = PurePath(file.source.name)
    stem = re.sub(r"\W", "_", path.stem, flags=re.ASCII)
    stated = scope.once.get("dtype")
    if isinstance(stated, tree.Setting) and (name := printing.show(stated.value)) not in DTYPES:
        hint = f"there are {' and '.join(f'`{one}`' for one in DTYPES)}"
        report.add("E0703", stated.value.span, f"there is no dtype `{name}`", help=hint)
        dtype = dtype or DTYPES[0]
    optimizer = scope.once.get("optimizer")
    whole = "\0".join([file.source.text, *file.texts])
    return Settings(
        _word(scope, "model") or stem or "model",
        dtype or _word(scope, "dtype") or "float32",
        path.name,
        hashlib.sha256(whole.encode(errors="surrogatepass")).hexdigest(),
        optimizer if isinstance(optimizer, tree.Optimizer) else None,
        file.updates,
        train_settings(scope.once.get("train"), report),
    )


def _word(scope: Scope, keyword: str) -> str:
    statement = scope.once.get(keyword)
    return printing.show(statement.value) if isinstance(statement, tree.Setting) else ""


def _order(scope: Scope, report: Report) -> list[str]:
    """The names of values, each after those it reads, else as in the text; without cycles."""
    values = {k: v for k, v in scope.defined.items() if not isinstance(v, tree.Dimension)}
    place = {name: index for index, name in enumerate(values)}
    edges = [
        (one, name)
        for name, statement in values.items()
        if isinstance(statement, tree.Assign)
        for one in names(statement.value)
        if one in values
    ]
    if all(place[one] < place[name] for one, name in edges):
        return list(values)
    needs = nx.DiGraph()
    needs.add_nodes_from(values)
    needs.add_edges_from(edges)
    looped = set(told_cycles(values, needs, report))
    acyclic = needs.subgraph(name for name in needs if name not in looped)
    return list(nx.lexicographical_topological_sort(acyclic, key=place.__getitem__))


def _ranges(file: tree.File, dtype: str, report: Report) -> None:
    """Reports numbers that the dtype cannot hold."""
    for statement in file.statements:
        for expr in expressions(statement):
            for node in walk(expr):
                if isinstance(node, tree.Number) and (what := wrong(node.value, dtype)):
                    message = f"`{node.span.text}` {what}"
                    report.add("E0107", node.span, message, help="`dtype float64` can hold it")

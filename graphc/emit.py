"""plan -> module text: the tables, the buffers, the functions, and the Trainer."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphc import __version__, face, parts
from graphc.buffers import buffers, state
from graphc.dataflow import Node
from graphc.functions import Functions, title
from graphc.helpers import helpers
from graphc.initial import Start
from graphc.model import Model
from graphc.names import lent
from graphc.parameters import nested, parameters
from graphc.plan import Plan
from graphc.writer import Writer, wrapped


def module(
    plan: Plan, update: Plan, model: Model, evaluation: Plan | None = None, *, plain: bool = False
) -> str:
    """The text of the module; `plain` computes each value in a new array, as a textbook would.

    `evaluation` is the plan of what `predict` and `loss` run, where training runs something else.
    """
    functions = Functions(plan, update, plain)
    judging = Functions(evaluation, update, plain) if evaluation else functions
    both = (functions, judging)
    signatures = {name: one.signature(name) for one in both for name in one.plan.functions}
    body = Writer()
    helpers(body, (functions.spell, functions.spell_rule, judging.spell), plain)
    _constants(body, functions, judging)
    buffers(body, functions.spell, "Buffers", plain)
    if not plain or evaluation:
        buffers(body, judging.spell, "EvaluationBuffers", plain)
    functions.print(body, ", in training" if evaluation else "")
    if evaluation:
        judging.print(body)
    state(body, functions.spell_rule, update, plain)
    functions.update(body)
    parameters(body, functions.spell, judging.spell, model)
    face.sizes_of(body, plan, model)
    face.trainer(body, plan, judging.plan, model, signatures, plain)
    below = body.text
    tables = Writer()
    _tables(tables, model)
    face.tables(tables, update, model)
    needed = borrowed(below)
    words = {} if plain else {**functions.words, **judging.words}
    parts.arrays(tables, needed, words, update.block)
    head = Writer()
    _header(head, plan, model, plain)
    whole = tables.text + below
    _imports(head, whole, borrowed(tables.text, needed))
    return head.text + whole


IMPORTS = """
import contextlib
import functools
import importlib
import json
import math
import os
import tempfile
import threading
import types
import zipfile

import numpy as np
"""

# a name of the module's code: no attribute or keyword, and in no string or comment
WORD = re.compile(
    r'''""".*?"""|"[^"\n]*"|\#[^\n]*|(?<![\w.])([A-Za-z_]\w*)(?!\w|=[^=])''', re.DOTALL
)
DEFINED = re.compile(r"^(?:def )?(\w+)(?:\(| =)", re.MULTILINE)


def quoted(value: object) -> str:
    """Plain values of names and numbers as Python, in double quotes."""
    return repr(value).replace("'", '"')


def _header(out: Writer, plan: Plan, model: Model, plain: bool) -> None:
    settings = plan.graph.settings
    out.line(f'"""{model.name}: a model that trains, in NumPy alone.')
    out.line()
    rows = []
    for one in model.data:
        kind = f"{one.kind}, classes 0 to {one.classes - 1}" if one.classes else one.kind
        rows.append((one.name, face.type_text(one), kind))
    for parameter in model.parameters:
        kind = "parameter, frozen" if parameter.frozen else "parameter"
        rows.append((parameter.name, str(list(parameter.shape)), kind))
    names, types = (max(len(row[i]) for row in rows) for i in (0, 1))
    for name, type_, kind in rows:
        out.line(f"    {name:<{names}}  {type_:<{types}}  {kind}")
    out.line()
    flag = " --plain" if plain else ""
    file = title(settings.source)
    out.line(f"Compiled from {file} (sha256 {settings.digest[:16]}) by graphc {__version__}.")
    out.line(f"`graphc compile {file}{flag}` writes it again.")
    out.line("The module is yours: no licence of the compiler applies to it.")
    if not plain:
        out.line()
        out.line("The left column is what runs: arrays made once, overwritten in place. The right")
        out.line(
            "column is what it means; a line without one means what it says. Read in order, the"
        )
        out.line("meanings are a complete program: `graphc verify` runs both and compares them.")
    out.line('"""')
    out.line()


def _imports(out: Writer, body: str, names: Iterable[str]) -> None:
    for line in IMPORTS.strip().split("\n"):
        if not line or f"{line.split()[-1]}." in body:
            out.line(line)
    lines = wrapped(sorted(names))
    if len(lines) == 1:
        out.line(f"from numpy import {lines[0].rstrip(',')}")
    else:
        out.line("from numpy import (")
        for line in lines:
            out.line(f"    {line}")
        out.line(")")
    out.line()


def borrowed(body: str, below: Iterable[str] = ()) -> set[str]:
    """What a text, or what stands below it, is lent by NumPy and does not define.

    Words are enough to tell, for no value is called like anything that is lent.
    """
    return {*below, *lent().intersection(WORD.findall(body))}.difference(DEFINED.findall(body))


def _tables(out: Writer, model: Model) -> None:
    out.line(f"DTYPE = {model.dtype}")
    out.line("# name: (kind, dtype, shape, number of classes)")
    out.line("DATA = {")
    for one in model.data:
        dtype = "int64" if one.integer else "DTYPE"
        out.line(f'    "{one.name}": ("{one.kind}", {dtype}, {quoted(one.shape)}, {one.classes}),')
    out.line("}")
    out.line("PARAMETERS = {")
    for parameter in model.parameters:
        out.line(f'    "{parameter.name}": {parameter.shape!r},')
    out.line("}")
    out.line(f"OUTPUTS = {quoted(model.outputs)}")
    out.line(f"DEFAULTS = {quoted(dict(model.defaults))}")
    out.line(f"SIZE = {sum(one.size for one in model.parameters)}  # numbers in all parameters")
    if any(one.frozen for one in model.parameters):
        trained = sum(one.size for one in model.parameters if not one.frozen)
        out.line(f"TRAINED = {trained}  # the first of them; the rest are frozen")


def _constants(out: Writer, *modes: Functions) -> None:
    found: dict[str, tuple[Functions, Node]] = {}
    for functions in modes:
        for key in functions.plan.constants:
            found.setdefault(functions.plan.names[key], (functions, functions.plan.graph[key]))
    place = None
    for name, (functions, node) in found.items():
        spell, statement = functions.spell, node.origin.statement
        source = statement and (statement.of or statement)
        if source is not None and source is not place:
            out.line(f"# {functions.mark(source)}")
            place = source
        if node.leaf is not None and isinstance(node.leaf.value, Start):
            dtype = "int64" if node.leaf.integer else "DTYPE"
            shape = spell.shape(node.shape)
            start = node.leaf.value
            if start.name == "values":
                value = f"np.array({nested(start.values)}, {dtype})"
            else:
                value = f"np.full({shape}, {start.arguments[0]!r}, {dtype})"
            out.line(f"{name} = {value}")
        else:
            value = spell.meaning(node)
            value = value if node.key in spell.plan.integers else f"np.array({value}, DTYPE)"
            out.line(f"{name} = {value}")
    if found:
        out.line()
        out.line()

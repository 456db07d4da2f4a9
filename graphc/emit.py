"""plan -> module text: the tables, the buffers, the functions, and the Trainer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from graphc import __version__, face, tree
from graphc.dataflow import Node

from graphc.initial import Start, scale
from graphc.lint import contraction
from graphc.model import Model
from graphc.op import book
from graphc.plan import Plan
from graphc.statements import Line, Speller, Used, printed
from graphc.writer import Writer, wrapped


def module(plan: Plan, update: Plan, model: Model, *, plain: bool = False) -> str:
    """The text of the module; `plain` computes each value in a new array, as a textbook would."""
    functions = _Functions(plan, update, plain)
    signatures = {name: functions.signature(name) for name in plan.functions}
    body = Writer()
    _tables(body, model)
    face.tables(body, update, model)
    _constants(body, plan, functions.spell)
    functions.buffers(body)
    for name in ("forward", "outputs", "loss", "backward"):
        if name != "outputs" or plan.functions[name]:
            functions.function(body, name)
    functions.update(body)
    _parameters(body, plan, model)
    face.sizes_of(body, plan, model)
    face.trainer(body, plan, update, model, signatures)
    head = Writer()
    _header(head, plan, model, plain)
    _imports(head, body.text)
    return head.text + body.text


IMPORTS = """
import json
import math
import os
import tempfile
import zipfile

import numpy as np
"""


def title(name: str) -> str:
    """A file's name as text that cannot end a comment or a string."""
    return ascii(name)[1:-1].replace('"', "'")


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
        out.line("column is what it means, and is a complete program itself: `graphc verify` runs both.")
    out.line('"""')
    out.line()


def _imports(out: Writer, body: str) -> None:
    used = set(re.findall(r"(?<![.\w])[A-Za-z_]\w*(?![\w=])", re.sub(r"#.*|`[^`]*`", "", body)))
    out.block(IMPORTS)
    wanted = sorted((FUNCTIONS() | face.FUNCTIONS) & used)
    lines = wrapped(wanted)
    if len(lines) == 1:
        out.line(f"from numpy import {lines[0].rstrip(',')}")
    else:
        out.line("from numpy import (")
        for line in lines:
            out.line(f"    {line}")
        out.line(")")
    out.line()


def FUNCTIONS() -> set[str]:
    """The NumPy functions that operations call."""
    import numpy as np

    words: set[str] = set()
    for op in book().values():
        for rule in (op.meaning, op.code):
            if isinstance(rule, str):
                words |= set(re.findall(r"(?<![.\w{])([a-z_]\w*)(?=[.(])", rule))
    return {word for word in words | {"dot", "matmul", "add"} if hasattr(np, word)} - {"abs"}


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


def _constants(out: Writer, plan: Plan, spell: Speller) -> None:
    for key in plan.constants:
        node = plan.graph[key]
        if node.leaf is not None and isinstance(node.leaf.value, Start):
            dtype = "int64" if node.leaf.integer else "DTYPE"
            shape = spell.shape(node.shape)
            start = node.leaf.value
            if start.name == "values":
                value = f"np.array({_nested(start.values)}, {dtype})"
            else:
                value = f"np.full({shape}, {start.arguments[0]!r}, {dtype})"
            out.line(f"{plan.names[key]} = {value}")
        else:
            out.line(f"{plan.names[key]} = {spell.meaning(node)}")
    if plan.constants:
        out.line()
        out.line()


def _nested(values: object) -> str:
    if isinstance(values, tuple):
        return f"[{', '.join(map(_nested, values))}]"
    return repr(values)


def _parameters(out: Writer, plan: Plan, model: Model) -> None:
    nodes = {n.leaf.name: n for n in plan.graph.leaves("param") if n.leaf is not None}
    out.line("class Parameters:")
    with out.indented():
        out.line('"""Every parameter, or its gradient, as a view into one flat vector."""')
        out.line()
        out.line("def __init__(self, flat):")
        with out.indented():
            start = 0
            for one in model.parameters:
                name = plan.names[nodes[one.name].key]
                view = f"flat[{start}:{start + one.size}].reshape({one.shape!r})"
                out.line(f"self.{name} = {view}")
                start += one.size
    out.line()
    out.line()
    out.line("def initialise(params, rng):")
    with out.indented():
        out.line('"""Gives every parameter its start."""')
        for one in model.parameters:
            node = nodes[one.name]
            value, note = _start(plan, node, one.shape)
            code = f"params.{plan.names[node.key]}[...] = {value}"
            out.line(f"{code:<40}  # {note}" if note else code)
    out.line()
    out.line()


def _start(plan: Plan, node: Node, shape: tuple[int, ...]) -> tuple[str, str]:
    """How a parameter starts, as Python over `rng`, and what it is called."""
    start = node.leaf.value if node.leaf is not None else None
    assert isinstance(start, Start)
    size = repr(shape)
    match start.name:
        case "zeros":
            return "0", ""
        case "ones":
            return "1", ""
        case "constant":
            return tree.literal(start.arguments[0]), ""
        case "values":
            return _nested(start.values), ""
        case "normal":
            return f"rng.normal(0, {tree.literal(start.arguments[0])}, {size})", ""
        case "uniform":
            low, high = map(tree.literal, start.arguments)
            return f"rng.uniform({low}, {high}, {size})", ""
        case "orthogonal":
            return f"orthogonal(rng, {size})", "orthonormal rows or columns"
    found = contraction(plan.graph, node)
    fan_in, fan_out = found[1:] if found else (shape[0], shape[-1])
    bound = tree.literal(scale(start.name, fan_in, fan_out))
    fans = f"fan-in {fan_in}" + (f", fan-out {fan_out}" if "xavier" in start.name else "")
    if start.name.endswith("normal"):
        return f"rng.normal(0, {bound}, {size})", f"{start.name}: {fans}"
    return f"rng.uniform(-{bound}, {bound}, {size})", f"{start.name}: {fans}"


class _Functions:
    """Prints the functions of a module, in one of the two styles."""

    def __init__(self, plan: Plan, rule: Plan, plain: bool) -> None:
        self.plan = plan
        self.rule = rule
        self.plain = plain
        self.spell = Speller(plan)

    def buffers(self, out: Writer) -> None:
        """The class that holds the arrays of one step."""
        sizes = list(self.plan.sizes.values())
        out.line("class Buffers:")
        with out.indented():
            if self.plain:
                out.line('"""What the functions hand on to one another."""')
            else:
                out.line('"""The arrays of one step, made once; names on one line share an array."""')
            out.line()
            out.line(f"def __init__(self{''.join(f', {name}' for name in sizes)}):")
            with out.indented():
                for name in sizes:
                    out.line(f"self.{name} = {name}")
                for shape, names in () if self.plain else self.plan.arrays:
                    targets = " = ".join(f"self.{name}" for name in names)
                    out.line(f"{targets} = empty({self.spell.shape(shape)}, DTYPE)")
                if not sizes and (self.plain or not self.plan.arrays):
                    out.line("pass")
        out.line()
        out.line()

    def signature(self, name: str) -> list[str]:
        """The arguments of a function: what it uses of parameters, gradients, buffers and data."""
        used = self.used(name)
        grads = ["grads"] if name == "backward" else []
        return ["params", *grads, "buf", *used.data]

    def used(self, name: str) -> Used:
        """What a function refers to."""
        keys = self.plan.functions[name]
        judged = [self.plan.graph.loss] if name == "loss" and self.plan.graph.loss is not None else []
        return self.spell.used(keys, [key for key in judged if key not in keys])

    def function(self, out: Writer, name: str) -> None:
        """One function of the model."""
        out.line(f"def {name}({', '.join(self.signature(name))}):")
        keys = self.plan.functions[name]
        with out.indented():
            out.line(f'"""{CAPTIONS[name]}"""')
            used = self.used(name)
            self._unpack(out, "params", {one: one for one in used.params})
            self._unpack(out, "grads", used.gradients if name == "backward" else {})
            own = {self.plan.names[key] for key in keys}
            passed = [one for one in used.arrays if not self.plain or self._read_first(one, keys)]
            self._unpack(out, "buf", {one: one for one in (*used.sizes, *passed)})
            self._statements(out, self.spell, keys)
            if self.plain:
                later = [one for one in used.arrays if one in own and self._crosses(one, name)]
                for one in later:
                    out.line(f"buf.{one} = {one}")
            if name == "loss" and self.plan.graph.loss is not None:
                out.line(f"return {self.spell.value(self.plan.graph.loss)}")
            elif not keys:
                out.line("return")
        out.line()
        out.line()

    def _read_first(self, name: str, keys: Sequence[int]) -> bool:
        """Whether a name is read before it is assigned."""
        from graphc.plan import operands

        for key in keys:
            read = {self.plan.names.get(o) for o in operands(self.plan.graph[key], self.plan.graph)}
            if name in read:
                return True
            if self.plan.names[key] == name:
                return False
        return True

    def _crosses(self, name: str, function: str) -> bool:
        """Whether another function, or a caller, reads what this one leaves under a name."""
        outputs = {self.plan.names.get(key) for key in self.plan.graph.outputs.values()}
        others = [other for other in self.plan.functions if other != function]
        return name in outputs or any(
            name in self.used(other).arrays and self._read_first(name, self.plan.functions[other])
            for other in others
        )

    def update(self, out: Writer) -> None:
        """The function of the optimizer, and the class of what it keeps."""
        spell = Speller(self.rule)
        kept = [name for name in self.rule.graph.outputs if name != "parameter"]
        names = [
            self.rule.names[node.key]
            for node in self.rule.graph.leaves("given")
            if node.leaf is not None and node.leaf.name in kept
        ]
        scratch = [] if self.plain else [one for _, shared in self.rule.arrays for one in shared]
        out.line("class State:")
        with out.indented():
            out.line('"""What the optimizer keeps from step to step, and its scratch space."""')
            out.line()
            out.line("def __init__(self, size):")
            with out.indented():
                for name in names:
                    out.line(f"self.{name} = zeros(size, DTYPE)")
                for _, shared in () if self.plain else self.rule.arrays:
                    targets = " = ".join(f"self.{name}" for name in shared)
                    out.line(f"{targets} = empty(size, DTYPE)")
                if not names and not scratch:
                    out.line("pass")
        out.line()
        out.line()
        out.line("def update(theta, gradient, state, step, epoch):")
        with out.indented():
            optimizer = self.plan.graph.settings.optimizer
            rule = tree.show(optimizer.rule) if optimizer else "sgd()"
            out.line(f'"""One step of {rule}: `step` counts from 1, `epoch` from 0."""')
            self._unpack(out, "state", {one: one for one in (*names, *scratch)})
            self._statements(out, spell, self.rule.functions["update"])
        out.line()
        out.line()

    def _unpack(self, out: Writer, source: str, names: Mapping[str, str]) -> None:
        """Binds names to attributes of `source`, several to a line."""
        pairs = list(names.items())
        while pairs:
            count, width = 0, 8
            while count < len(pairs) and (not count or width < 92):
                width += len(pairs[count][0]) + len(pairs[count][1]) + len(source) + 5
                count += width < 92 or not count
            line, pairs = pairs[:count], pairs[count:]
            left = ", ".join(name for name, _ in line)
            out.line(f"{left} = {', '.join(f'{source}.{attribute}' for _, attribute in line)}")

    def _statements(self, out: Writer, spell: Speller, keys: Sequence[int]) -> None:
        place = rule = None
        for key in keys:
            node = spell.graph[key]
            source, line = self._source(node), spell.line(key)
            if source and source != place:
                out.gap()
                out.line(f"# {source}")
                place = source
            if line.rule and line.rule != rule:
                out.line(f"# {line.rule}")
            rule = line.rule or rule
            if line.remark:
                out.line(f"# {line.remark}")
            self._one(out, spell, key, line)

    def _one(self, out: Writer, spell: Speller, key: int, line: Line) -> None:
        if not self.plain:
            out.statement(line.code, line.meaning)
            return
        home = spell.plan.homes.get(key)
        name, _, value = line.meaning.partition(" = ")
        given = home is not None and home.kind != "array"
        out.line(f"{name}[...] = {value}" if given else line.meaning)

    def _source(self, node: Node) -> str:
        statement = node.origin.statement
        text = printed(statement)
        if statement is None or not text:
            return ""
        file = title(self.plan.graph.settings.source)
        return f"{file}:{statement.span.line}  {text}"


CAPTIONS = {
    "forward": "Every value from the inputs to what the loss and the outputs need.",
    "outputs": "The outputs, as far as the loss does not need them too.",
    "loss": "The loss, from what `forward` computed.",
    "backward": "The gradient of the loss by every parameter: the chain rule, last value first.",
}



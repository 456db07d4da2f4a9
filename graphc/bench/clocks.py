"""A trainer whose functions read a clock before and after each of their statements.

It is made from the text of a module, and works on the arrays of another trainer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from time import perf_counter_ns
from typing import Any

from graphc.verify.module import FUNCTIONS, Module
from graphc.verify.statements import HOLDERS

STEP = ("step", "_step")  # the methods of the Trainer that call the functions
MARK = re.compile(r" +# (\S.*?:\d+)  (.*)")  # as the compiler writes it: model.nn:18  h = relu(x)
PART = re.compile(r" +#   (\S.*)")  # and below it: h.1 = x @ h.1.W
PAIR = """
before = start()
after = stop()
spent[{0}] += after - before
ran[{0}] += 1
"""
BLOCKS = ("body", "orelse", "handlers", "finalbody")


@dataclass(frozen=True)
class Site:
    """A statement of a module: its function and line, and the line of the model it comes from.

    Without a text it is no statement: what the clock shows if there is nothing to measure.
    """

    function: str
    line: int
    text: str
    place: str = ""  # model.nn:18
    model: str = ""  # what stands there
    part: str = ""  # what it became, if blocks are used in it


class Clocks:
    """What the clock said, added up for each site until it is read."""

    def __init__(self) -> None:
        self.sites: list[Site] = []
        self.spent: list[int] = []
        self.ran: list[int] = []

    def around(self, statements: Sequence[ast.stmt], site: Site) -> list[ast.stmt]:
        """The statements between two looks at the clock; what these cost is measured too."""
        pair = ast.parse(PAIR.format(len(self.sites)))
        for node in ast.walk(pair):
            if isinstance(node, ast.Name):
                node.id += "?"  # which no model can call a value
        self.sites.append(site)
        self.spent.append(0)
        self.ran.append(0)
        return [pair.body[0], *statements, *pair.body[1:]]

    @property
    def empty(self) -> list[int]:
        """The places of the sites where there is nothing to measure."""
        return [place for place, site in enumerate(self.sites) if not site.text]

    def names(
        self, start: Callable[[], int] = perf_counter_ns, stop: Callable[[], int] = perf_counter_ns
    ) -> dict[str, Any]:
        """What the statements of `around` refer to; the clock counts nanoseconds, or another."""
        return {"start?": start, "stop?": stop, "spent?": self.spent, "ran?": self.ran}

    def read(self) -> tuple[list[int], list[int]]:
        """What each site took since the last reading, and how often it ran."""
        found = self.spent[:], self.ran[:]
        self.spent[:] = self.ran[:] = [0] * len(self.sites)
        return found


class Twin:
    """A trainer on the arrays of another, with clocks in its functions."""

    def __init__(self, module: Module, trainer: Any) -> None:
        self.clocks = Clocks()
        self.lines = module.source.split("\n")
        self.marks = dict(_marks(self.lines))
        parts = list(self._parts(ast.parse(module.source)))
        self.space = {**vars(module.loaded), **self.clocks.names()}
        tree = ast.fix_missing_locations(ast.Module(parts, []))
        exec(compile(tree, module.loaded.__file__, "exec"), self.space)
        kind = self.space["Trainer"]
        self.trainer = object.__new__(kind)
        self.trainer.__dict__ = trainer.__dict__

    def _parts(self, tree: ast.Module) -> Iterator[ast.stmt]:
        for part in tree.body:
            if isinstance(part, ast.FunctionDef) and part.name in FUNCTIONS:
                self._measure(part, part.name)
                yield part
            elif isinstance(part, ast.ClassDef) and part.name == "Trainer":
                for method in part.body:
                    if isinstance(method, ast.FunctionDef) and method.name in STEP:
                        self._measure(method, "step")
                yield part

    def _measure(self, function: ast.FunctionDef, name: str) -> None:
        nothing = self.clocks.around([], Site(name, function.lineno, ""))
        function.body = [*nothing, *self._block(function.body, name)]

    def _block(self, body: Sequence[ast.stmt], function: str) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for together, nodes in groupby(body, _unpacks):
            statements = list(nodes)
            if together:  # each alone is quicker than the clock
                site = Site(function, statements[0].lineno, UNPACKING)
                found += self.clocks.around(statements, site)
            else:
                for one in statements:
                    found += self._one(one, function)
        return found

    def _one(self, node: ast.stmt, function: str) -> list[ast.stmt]:
        if any(hasattr(node, block) for block in BLOCKS):
            for block in BLOCKS:
                if inner := getattr(node, block, None):
                    setattr(node, block, self._block(inner, function))
            return [node]
        if not isinstance(node, ast.Assign | ast.AugAssign | ast.Expr) or _calls(node):
            return [node]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return [node]
        site = Site(function, node.lineno, self._text(node), *self.marks[node.lineno])
        return self.clocks.around([node], site)

    def _text(self, node: ast.stmt) -> str:
        """A statement as it stands in the module, or on one line if it takes several."""
        line = self.lines[node.lineno - 1].encode()
        one = node.lineno == node.end_lineno
        return line[node.col_offset : node.end_col_offset].decode() if one else ast.unparse(node)


UNPACKING = "names for its arrays"


def _unpacks(node: ast.stmt) -> bool:
    """Whether a statement only gives names to parameters and arrays."""
    if not isinstance(node, ast.Assign):
        return False
    parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    return bool(parts) and all(
        isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Name)
        and part.value.id in HOLDERS
        for part in parts
    )


def _calls(node: ast.stmt) -> bool:
    """Whether a function is called that has clocks of its own."""
    called = [ast.unparse(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)]
    return any(name in FUNCTIONS or name == "self._step" for name in called)


def _marks(lines: Sequence[str]) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """The line of the model that each line of a module comes from, as the comments say."""
    place = model = part = ""
    for number, line in enumerate(lines, 1):
        if found := MARK.fullmatch(line):
            place, model, part = found[1], found[2], ""
        elif place and (found := PART.fullmatch(line)):
            part = found[1]
        elif line and not line.startswith(" "):
            place = model = part = ""
        yield number, (place, model, part)

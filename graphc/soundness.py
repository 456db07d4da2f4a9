"""What is wrong with a block or an update by itself, whoever uses it."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from graphc import tree
from graphc.arguments import complete, matched
from graphc.binding import operands, reckoned, told_no_value
from graphc.book import book
from graphc.cycles import told_cycles
from graphc.definitions import Definitions, defined, names_of, written
from graphc.errors import Note, Report
from graphc.frames import TIMES, VECTORS
from graphc.initial import INITIALISERS
from graphc.library import REPEAT, Library
from graphc.reading import expressions, names, sizes, walk
from graphc.tree import Call, Definition, Expr, File, Name

GIVEN = {*VECTORS, *TIMES}  # what an update knows
PLACEHOLDERS = {"none", "_"}  # which an attribute may be
WORDS = {*PLACEHOLDERS, *TIMES}


def unsound(library: Library, blocks: Definitions, file: File, report: Report) -> set[str]:
    """The names of the user's blocks that have mistakes, which are reported."""
    outside = {one.name.id for one in file.statements if isinstance(one, tree.Defining)}
    bad = set(_circles(library, blocks, report))
    for one in library.own:
        before = len(report.found)
        passed = blocks.called([*written(one), *(value for _, value in one.arguments if value)])
        check = _Check(one, library, outside, passed, report)
        check.run()
        unread = one.broken or check.lacking
        if (unread or len(report.found) > before) and one.keyword == "block":
            bad.add(one.name.id)
    return bad


def _circles(library: Library, blocks: Definitions, report: Report) -> Iterator[str]:
    """The blocks that use themselves, maybe through others."""
    uses = blocks.uses
    own = [one for one in library.own if one.keyword == "block"]
    for group in nx.strongly_connected_components(uses):
        members = [one for one in own if one.name.id in group]
        first = members[0].name.id if members else ""
        if not first or (len(group) == 1 and not uses.has_edge(first, first)):
            continue
        cycle = [first] if uses.has_edge(first, first) else _circle(uses, first)
        words = [blocks.used(a)[b] for a, b in zip(cycle, [*cycle[1:], first], strict=True)]
        way = f": {' -> '.join([*cycle, first])}" if len(cycle) > 1 else ""
        notes = [
            Note(word.span, f"`{name}` is used here")
            for word, name in zip(words[1:], [*cycle[2:], first], strict=False)
        ]
        message = f"the block `{first}` uses itself{way}"
        report.add("E0904", words[0].span, message, notes=notes, help="there is no recursion")
        yield from group


def _circle(uses: nx.DiGraph, first: str) -> list[str]:
    """The shortest way from a block back to itself."""
    ways = [
        nx.shortest_path(uses, one, first)
        for one in uses.successors(first)
        if nx.has_path(uses, one, first)
    ]
    return [first, *min(ways, key=len)[:-1]]


class _Check:
    """The text of one definition."""

    def __init__(
        self,
        one: Definition,
        library: Library,
        outside: set[str],
        called: set[str],
        report: Report,
    ) -> None:
        self.one, self.library, self.outside, self.report = one, library, outside, report
        self.called = called  # by name, or passed on to be called
        self.update = one.keyword == "update"
        self.taken: set[str] = set()  # the names given to it that it defines nevertheless
        self.lacking = False  # whether it calls what may be in a text that could not be read
        self.defined: dict[str, tree.Defining | tree.Next] = {}
        self.states = {s.name.id: s for s in one.body if isinstance(s, tree.State)}

    def run(self) -> None:
        self._define()
        self._result()
        before: set[str] = set()
        for argument, value in self.one.arguments:
            if value is not None:
                words = {*TIMES} if self.update else WORDS
                # a flag alone is an argument, and no value to compute with
                self._known(value, before | words, isinstance(value, tree.Flag))
            before.add(argument.id)
        known = self._names()
        for expr in self._exprs():
            self._known(expr, known)
        needs = nx.DiGraph()
        needs.add_nodes_from(self.defined)
        for name, statement in self.defined.items():
            reads = [one for expr in expressions(statement) for one in names(expr)]
            needs.add_edges_from((read, name) for read in reads if read in self.defined)
        told_cycles(self.defined, needs, self.report)

    def _exprs(self) -> Iterator[Expr]:
        for one in self.one.body:
            if not isinstance(one, tree.Param):
                yield from expressions(one)
            elif isinstance(one.init, Call):  # the initialiser itself is no operation
                yield from (argument.value for argument in one.init.arguments)
            yield from sizes(one)

    def _define(self) -> None:
        first: dict[str, Name] = {}
        for name in [*(name for name, _ in self.one.arguments), *defined(self.one)]:
            if name.id in first:
                notes = [Note(first[name.id].span, "first defined here")]
                self.report.add("E0203", name.span, f"`{name.id}` is defined twice", notes=notes)
            elif self.update and name.id in GIVEN:
                message = f"`{name.id}` is given to every update and cannot be defined"
                hint = "write `parameter' = ...`" if name.id == "parameter" else ""
                self.report.add("E0203", name.span, message, help=hint)
                self.taken.add(name.id)
            elif not self.update and (name.id == "_" or "." in name.id or name.id == "T"):
                message = f"`{name.id}` cannot be a name in a block"
                hint = "`h.T` is the transpose of `h`" if name.id == "T" else ""
                self.report.add("E0206", name.span, message, help=hint)
            first.setdefault(name.id, name)
        for one in self.one.body:
            if isinstance(one, tree.Defining) and one.name.id not in self.taken:
                self.defined.setdefault(one.name.id, one)
            elif isinstance(one, tree.Next):
                self.defined.setdefault(f"{one.name.id}'", one)

    def _result(self) -> None:
        """A block returns one value; an update gives each state and `parameter` a next value."""
        results = [one for one in self.one.body if isinstance(one, tree.Return)]
        for one in results[1:]:
            notes = [Note(results[0].span, "first here")]
            self.report.add("E0204", one.span, "`return` stands twice", notes=notes)
        if not self.update and not results and "return" not in self.one.broken:
            message = f"the block `{self.one.name.id}` returns nothing"
            self.report.add("E0905", self.one.name.span, message, help="write `return ...` in it")
        if self.update:
            self._next()

    def _next(self) -> None:
        first: dict[str, Name] = {}
        for one in self.one.body:
            if not isinstance(one, tree.Next):
                continue
            name = one.name.id
            if name != "parameter" and name not in {*self.states, *self.one.broken}:
                hint = self.report.nearest(name, ["parameter", *self.states])
                message = f"`{name}` is no state: only what is kept has a value after the step"
                self.report.add("E0206", one.name.span, message, help=hint or f"`state {name} = 0`")
            elif name in first:
                notes = [Note(first[name].span, "first here")]
                self.report.add("E0203", one.name.span, f"`{name}'` is defined twice", notes=notes)
            first.setdefault(name, one.name)
        # what does not parse may have defined them
        first |= {name.removesuffix("'"): self.one.name for name in self.one.broken}
        if "parameter" not in {*first, *self.taken}:
            message = f"the update `{self.one.name.id}` never changes `parameter`"
            self.report.add("E0905", self.one.name.span, message, help="write `parameter' = ...`")
        for name, state in self.states.items():
            if name not in first:
                message = f"the state `{name}` is never updated"
                self.report.add("E0907", state.name.span, message, help=f"write `{name}' = ...`")
            if not isinstance(state.value, tree.Number):
                message = f"a state starts as a number: `state {name} = 0`"
                self.report.add("E0404", state.value.span, message)

    def _names(self) -> set[str]:
        """What an expression in the body can name."""
        kept = {*self.states, *self.one.broken}
        known = {*names_of(self.one), *self.defined, *TIMES, *kept}
        known |= {f"{name}'" for name in (*kept, "parameter")} if self.update else set()
        return known | (GIVEN if self.update else WORDS)

    def _known(self, expr: Expr, known: set[str], flag: bool = False) -> None:
        """Every name is known, every call is of what there is, and every value of a rule is one."""
        values = set() if flag or not self.update else {*map(id, reckoned(expr))}
        for node in walk(expr):
            if isinstance(node, tree.ListOf | tree.Flag) and id(node) in values:
                told_no_value(node, self.report)
            if isinstance(node, Call):
                self._called(node, known)
            elif isinstance(node, Name) and node.id not in known:
                if self.update and node.id in PLACEHOLDERS and id(node) not in values:
                    continue
                if node.id in self.called and self.library.lacks(node.id):
                    self.lacking = True
                elif not self._callable(node.id):
                    self._told_unknown(node, known)
                elif self.update:
                    message = f"`{node.id}` is to be called, and no value: `{node.id}(...)`"
                    self.report.add("E0206", node.span, message)

    def _callable(self, name: str) -> bool:
        operation = book().offered(name) is not None
        return operation or name in self.library.blocks or name == REPEAT

    def _called(self, call: Call, known: set[str]) -> None:
        name = call.function.id
        if not self._callable(name) and (self.update or name not in known):
            if self.library.lacks(name):
                self.lacking = True
                return
            public = [op.name for op in book().public]
            hint = self.report.nearest(name, [*public, *self.library.blocks, REPEAT])
            message = f"there is no operation or block `{name}`"
            if self.update and name in known:
                message, hint = f"`{name}` is a value, not an operation", ""
            self.report.add("E0202", call.function.span, message, help=hint)
        elif self.update and name in book():
            op = book()[name].at(operands(call))
            needed = [*op.names, *(name for name, one in op.attributes.items() if one.required)]
            given, sound = matched(call, [*op.names, *op.attributes], op.signature, self.report)
            if sound:
                complete(call, given, needed, op.signature, self.report)

    def _told_unknown(self, node: Name, known: set[str]) -> None:
        keyword = self.one.keyword
        hint = self.report.nearest(node.id, known - WORDS)
        if node.id in self.outside or node.id in INITIALISERS:
            hint = f"pass it as an argument: a {keyword} sees only its arguments and its own names"
            if self.update:
                hint = "an update sees all parameters at once, as `parameter`; pass numbers to it"
        message = f"`{node.id}` is not known in the {keyword} `{self.one.name.id}`"
        self.report.add("E0201", node.span, message, help=hint)

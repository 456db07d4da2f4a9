"""What the text of a block says about its use: which arguments it calls, how much it grows to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import networkx as nx

from graphc import tree
from graphc.library import REPEAT, shadowed, shipped
from graphc.reading import expressions, sizes, walk
from graphc.tree import Call, Definition, Expr, Name, Number

REPEATED = ("x", "times", "layer")  # the arguments of `repeat`


def names_of(block: Definition) -> list[str]:
    """The arguments of a block or update, in order."""
    return [name.id for name, _ in block.arguments]


def defined(block: Definition) -> list[Name]:
    """The names that the statements of a block or update define."""
    return [one.name for one in block.body if isinstance(one, tree.Defining | tree.State)]


def written(block: Definition) -> Iterator[Expr]:
    """Every expression in the body of a block: values, sizes and starts."""
    for one in block.body:
        yield from (*expressions(one), *sizes(one))


class Definitions:
    """The blocks that can be used; those of the user are looked through at once."""

    def __init__(self, blocks: Mapping[str, Definition], own: Iterable[Definition]) -> None:
        self.blocks = blocks
        self._called: dict[tuple[str, str], int] = {}
        self._bare: dict[str, bool] = {}
        self._least: dict[str, int] = {}
        self.uses = nx.DiGraph()  # from each block looked through to those it calls
        self._seen: set[str] = set()
        self._follow(one.name.id for one in own if one.keyword == "block")
        # what is called first, so that no question leads far
        for group in nx.strongly_connected_components(self.uses):
            for name in group:
                self.least(name)
                self.bare(name)

    def _follow(self, names: Iterable[str]) -> None:
        """Looks through blocks, and all that they use."""
        todo = [name for name in names if name in self.blocks]
        for name in todo:
            if name not in self._seen:
                self._seen.add(name)
                others = [other for other in self.used(name) if other in self.blocks]
                self.uses.add_node(name)
                self.uses.add_edges_from((name, other) for other in others)
                todo += others

    def named(self, word: Name) -> str:
        """The block that a word means: in the prelude's own text, one of the prelude's."""
        hidden = shadowed(word.id)
        return hidden if shipped(word.span.source) and hidden in self.blocks else word.id

    def arguments(self, name: str) -> list[str]:
        """The arguments of a block, or of `repeat`."""
        return list(REPEATED) if name == REPEAT else names_of(self.blocks[name])

    def calls(self, name: str, argument: str) -> int:
        """With how many values a block calls one of its arguments; 0 if it is no function."""
        if name == REPEAT:
            return int(argument == REPEATED[-1])
        key = name, argument
        if key not in self._called:
            self._called[key] = 0
            counts = (self._count(one, 0, argument) for one in written(self.blocks[name]))
            self._called[key] = max(counts, default=0)
        return self._called[key]

    def _count(self, expr: Expr, missing: int, argument: str) -> int:
        """With how many values an expression calls a name, which it may pass on to do so."""
        found, todo = 0, [(expr, missing)]
        while todo:
            node, missing = todo.pop()
            if not isinstance(node, Call):
                todo += [(part, 0) for part in tree.parts(node)]
                continue
            if node.function.id == argument:
                found = max(found, len(node.arguments))
            for place, one in enumerate(node.arguments):
                wanted = self._wanted(node, place + missing)
                if wanted and isinstance(one.value, Name) and one.value.id == argument:
                    found = max(found, wanted)
                todo.append((one.value, wanted))
        return found

    def _wanted(self, call: Call, place: int) -> int:
        """With how many values the argument at a place is called by what is called."""
        name = self.named(call.function)
        if name != REPEAT and name not in self.blocks:
            return 0
        names, index = self.arguments(name), min(place, len(call.arguments) - 1)
        given = call.arguments[index].name if place == index else None
        if given is not None:
            return self.calls(name, given.id)
        return self.calls(name, names[place]) if place < len(names) else 0

    def called(self, exprs: Iterable[Expr]) -> set[str]:
        """The names that expressions call, or pass on to be called."""
        found: set[str] = set()
        for call in (node for expr in exprs for node in walk(expr) if isinstance(node, Call)):
            found.add(call.function.id)
            last = len(call.arguments) - 1 if call.function.id == REPEAT else None
            for place, one in enumerate(call.arguments):
                if isinstance(one.value, Name) and (place == last or self._wanted(call, place)):
                    found.add(one.value.id)
        return found

    def reads(self, name: str, argument: str) -> int:
        """How often a block reads an argument as a value."""
        return sum(
            isinstance(node, Name) and node.id == argument
            for expr in written(self.blocks[name])
            for node in walk(expr)
        )

    def bare(self, name: str) -> bool:
        """Whether a block is a formula and no more: its uses need no name."""
        if name == REPEAT:
            return False
        if name not in self._bare:
            self._bare[name] = False
            block = self.blocks[name]
            self._bare[name] = (
                all(isinstance(one, tree.Return) for one in block.body)
                and all(self.reads(name, one) <= 1 for one in names_of(block))
                and not any(self.calls(name, one) for one in names_of(block))
                and all(self.bare(one) for one in self.used(name))
            )
        return self._bare[name]

    def used(self, name: str) -> dict[str, Name]:
        """The blocks that a block calls, or `repeat`, each where it stands first."""
        found: dict[str, Name] = {}
        defaults = [value for _, value in self.blocks[name].arguments if value is not None]
        for expr in [*defaults, *written(self.blocks[name])]:
            for node in walk(expr):
                word = node.function if isinstance(node, Call) else node
                if isinstance(word, Name) and (word.id in self.blocks or word.id == REPEAT):
                    found.setdefault(self.named(word), word)
        own = {*names_of(self.blocks[name]), *(one.id for one in defined(self.blocks[name]))}
        return {one: word for one, word in found.items() if one not in own}

    def learns(self, name: str) -> bool:
        """Whether a block, or one that it uses, has parameters."""
        self._follow([name])
        group = {name, *nx.descendants(self.uses, name)} if name in self.uses else set()
        bodies = (self.blocks[one].body for one in group)
        return any(isinstance(one, tree.Param) for body in bodies for one in body)

    def least(self, name: str) -> int:
        """How many names, numbers and operations a use of a block makes at least."""
        if name not in self._least:
            self._least[name] = 0
            exprs = written(self.blocks[name]) if name in self.blocks else ()
            self._least[name] = sum(self._size(expr) for expr in exprs)
        return self._least[name]

    def _size(self, expr: Expr) -> int:
        total = 0
        for node in walk(expr):
            total += 1
            if isinstance(node, Call) and node.function.id in self.blocks:
                total += self.least(self.named(node.function))
            elif isinstance(node, Call) and node.function.id == REPEAT:
                times, layer = ([one.value for one in node.arguments[-2:]] + [None, None])[:2]
                if isinstance(times, Number) and isinstance(layer, Call | Name):
                    inner = self.named(layer.function if isinstance(layer, Call) else layer)
                    total += int(times.value - 1) * max(1, self.least(inner))
        return total

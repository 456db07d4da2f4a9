"""What is drawn of each value, parameter and use of a block: its words, its tooltip, its kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from graphc.dataflow import Graph, Node
from graphc.drawn import backward
from graphc.drawn.grouping import chains, definition, groups, numbered, word
from graphc.drawn.picture import Chain, Item
from graphc.drawn.words import WIDEST, Words, local, plain, size, wrapped
from graphc.printing import show

MOST_PARAMETERS = 3  # that a closed box lists


class Items:
    """Makes the items of one graph's picture, with gradients if `returning`.

    With `gates` each operation is an item, else what stands on one line together is one.
    """

    def __init__(self, graph: Graph, returning: bool, gates: bool = False) -> None:
        self.graph = graph
        self.place, self.calls = chains(graph)
        self.last = groups(graph, self.place)
        if gates:
            self.last = {key: key for key in self.last}
        self.members: dict[int, set[int]] = {}
        for key, last in self.last.items():
            self.members.setdefault(last, set()).add(key)
        self.results = self._results()
        self.unnamed: dict[int, str] = {}
        for chain, key in self.results.items():
            called = word(self.calls[chain])
            if numbered(graph[key].label or "", called):
                self.unnamed.setdefault(key, called)
        self.words = Words(graph, self.unnamed)
        self.flow = backward.flow(graph) if returning else Counter[tuple[int, int]]()
        self.rules = backward.rules(graph) if returning else {}
        self.outputs: dict[int, list[str]] = {}
        for name, key in graph.outputs.items():
            self.outputs.setdefault(key, []).append(name)
        self.numbers = {chain: place for place, chain in enumerate(self.calls)}
        self.alias = self._alias()

    def _results(self) -> dict[Chain, int]:
        """The value that each box gives: the one that is read outside, or else the last."""
        last: dict[Chain, int] = {}
        found: dict[Chain, int] = {}
        kept = {*self.graph.outputs.values(), self.graph.loss}
        for node in self.graph.nodes:
            place = self.place[node.key]
            readers = [self.place[key] for key in self.graph.readers(node.key)]
            for depth in range(1, len(place) + 1 if node.op is not None else 1):
                box = place[:depth]
                last[box] = node.key
                if node.key in kept or any(one[:depth] != box for one in readers):
                    found[box] = node.key
        return {**last, **found}

    def _alias(self) -> dict[int, int]:
        """The parameters of a layer that several boxes share are drawn as one: the first."""
        first: dict[tuple[Chain, str], int] = {}
        found = {}
        for node in self.graph.leaves("param"):
            key, place = node.key, self.place[node.key]
            layer = node.leaf.name.rpartition(".")[0] if node.leaf else ""
            if layer and node.origin.span and len(node.origin.span.calls) > len(place):
                found[key] = first.setdefault((place, layer), key)
        return found

    def known_as(self, chain: Chain) -> list[str]:
        """The names under which a box can be asked for."""
        label = self.graph[self.results[chain]].label
        inner = next(
            span
            for node in self.graph.nodes
            if self.place[node.key][: len(chain)] == chain and (span := node.origin.span)
            if node.op is not None
        )
        inside = [*inner.calls, inner][len(chain)]
        names = [word(self.calls[chain]), definition(inside)]
        return [*names, label, local(label)] if label else names

    def sharing(self, key: int) -> list[Node]:
        """The parameters of a shared layer that are drawn as this one."""
        return [self.graph[one] for one, first in self.alias.items() if first == key]

    def leaf(self, node: Node) -> Item:
        """What nothing computes: data, a parameter, a constant."""
        assert node.leaf is not None
        leaf, shape = node.leaf, size(node.shape)
        kind = "const" if leaf.kind == "number" else leaf.kind
        kind = "frozen" if leaf.frozen else kind
        name = leaf.name or node.label or ""
        title, small = [local(name)], [] if kind in ("input", "target") else [shape]
        if node.number is not None:
            small = [f"= {node.number}"]
        elif leaf.init is not None and not node.shape:
            small = [f"= {show(leaf.init)}"]
        tip = f"{kind} {name} : {self.full(node)}"
        sharing = self.sharing(node.key)
        if len(sharing) == 1:
            title = [name]
        elif sharing:
            title = [name.rpartition(".")[0]]
            small = [f"{local(one.leaf.name)} {size(one.shape)}" for one in sharing if one.leaf]
            tip = "\n".join(f"param {o.leaf.name} : {self.full(o)}" for o in sharing if o.leaf)
        tip += self.where(node) + self._rule(node)
        output = node.key in self.outputs
        return Item(f"n{node.key}", kind, title, small, tip, output, value=node.key)

    def step(self, node: Node) -> Item:
        """What a line of text computes."""
        place = self.place[node.key]
        text = self.words.formula(node.key, self.members[node.key], place)
        name = self.name_of(node)
        lines = wrapped(f"{name} = {text}" if name else text)
        tip = f"{node.label or name or 'a value'} : {self.full(node)}\n{text}"
        tip += self.where(node) + self._rule(node)
        output = node.key in self.outputs
        return Item(f"n{node.key}", "step", lines, [], tip, output, value=node.key)

    def box(self, chain: Chain) -> Item:
        """The box of a use of a block."""
        node, span = self.graph[self.results[chain]], self.calls[chain]
        call = plain(span.text)
        text = call if len(call) <= WIDEST else f"{word(span)}(…)"
        name = self.name_of(node)
        inside = [
            one
            for one in self.graph.leaves("param")
            if self.place[one.key][: len(chain)] == chain and one.leaf
        ]
        small = [f"{local(one.leaf.name)} {size(one.shape)}" for one in inside if one.leaf]
        if len(small) > MOST_PARAMETERS:
            small = [f"{len(small)} parameters"]
        tip = "\n".join([f"{name} = {call}" if name else call, *self._list(inside)])
        tip += self._rule(node)
        key, output = f"b{self.numbers[chain]}", node.key in self.outputs
        lines = wrapped(f"{name} = {text}" if name else text)
        return Item(key, "box", lines, small, tip, output, chain, node.key)

    def _list(self, nodes: Iterable[Node]) -> list[str]:
        return [f"param {one.leaf.name} : {self.full(one)}" for one in nodes if one.leaf]

    def name_of(self, node: Node) -> str:
        """What the user calls a value, and the names of the outputs that it is; or nothing."""
        names = [local(node.label)] if node.label and node.key not in self.unnamed else []
        return ", ".join(dict.fromkeys([*names, *self.outputs.get(node.key, [])]))

    @staticmethod
    def full(node: Node) -> str:
        """A shape with names and numbers: `[batch, time = 64]`."""
        return f"[{', '.join(map(str, node.shape))}]"

    @staticmethod
    def where(node: Node) -> str:
        """The line of the text, as the last line of a tooltip."""
        span = node.origin.span
        return f"\n{span.source.name}, line {span.line}" if span else ""

    def _rule(self, node: Node) -> str:
        rule = self.rules.get(node.label or (node.leaf.name if node.leaf else ""))
        return f"\ngradient: {rule}" if rule else ""

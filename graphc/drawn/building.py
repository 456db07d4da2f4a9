"""From the compiler's graph to a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property

from graphc.dataflow import Graph, Node
from graphc.drawn import backward
from graphc.drawn.grouping import chains, definition, groups, numbered, word
from graphc.drawn.picture import Chain, Edge, Item, Level
from graphc.drawn.words import WIDEST, Words, local, plain, size, wrapped
from graphc.printing import show

MOST_PARAMETERS = 3  # that a closed box lists


class Builder:
    """Makes the levels of one graph's picture; `opened` are the boxes that show their inside."""

    def __init__(self, graph: Graph, returning: bool) -> None:
        self.graph = graph
        self.place, self.calls = chains(graph)
        self.last = groups(graph, self.place)
        self.members: dict[int, set[int]] = {}
        for key, last in self.last.items():
            self.members.setdefault(last, set()).add(key)
        self.results = self._results()
        self.unnamed = {
            key: word(self.calls[chain])
            for chain, key in self.results.items()
            if numbered(graph[key].label or "", word(self.calls[chain]))
        }
        self.words = Words(graph, self.unnamed)
        self.flow = backward.flow(graph) if returning else set()
        self.rules = backward.rules(graph) if returning else {}
        self.outputs: dict[int, list[str]] = {}
        for name, key in graph.outputs.items():
            self.outputs.setdefault(key, []).append(name)
        self.opened: frozenset[Chain] = frozenset()
        self.numbers = {chain: place for place, chain in enumerate(self.calls)}
        self.alias = self._alias()

    # -- what belongs together -------------------------------------------------------------------

    def _results(self) -> dict[Chain, int]:
        """The value that each box gives: the last one in it."""
        found = {}
        for node in self.graph.nodes:
            place = self.place[node.key]
            if node.op is not None:
                found |= {place[:depth]: node.key for depth in range(1, len(place) + 1)}
        return found

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

    @cached_property
    def drawn(self) -> list[tuple[int, int]]:
        """The pairs of a value and a reader that an edge can stand for."""
        pairs = []
        for node in self.graph.nodes:
            keys = dict.fromkeys(node.operands)
            pairs += [(key, node.key) for key in keys if not self._silent(self.graph[key])]
        return pairs

    @staticmethod
    def _silent(node: Node) -> bool:
        """Whether a number stands in the formulas of its readers alone."""
        return node.number is not None and not node.label

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

    # -- items -----------------------------------------------------------------------------------

    def shown(self, key: int, level: Chain) -> str:
        """The item that stands for a value in a level; of an outer value, the empty string."""
        place = self.place[key]
        if place[: len(level)] != level:
            return ""
        if len(place) > len(level):
            return f"b{self.numbers[place[: len(level) + 1]]}"
        return f"n{self.last.get(key, self.alias.get(key, key))}"

    def visible(self, key: int) -> str:
        """The item that stands for a value through all open boxes."""
        place = self.place[key]
        for depth in range(len(place)):
            if place[: depth + 1] not in self.opened:
                return self.shown(key, place[:depth])
        return self.shown(key, place)

    def _leaf(self, node: Node) -> Item:
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
        tip = f"{kind} {name} : {self._full(node)}"
        if self.alias.get(node.key) == node.key:
            title = [name.rpartition(".")[0]]
            sharing = [self.graph[key] for key, one in self.alias.items() if one == node.key]
            small = [f"{local(one.leaf.name)} {size(one.shape)}" for one in sharing if one.leaf]
            tip = "\n".join(f"param {o.leaf.name} : {self._full(o)}" for o in sharing if o.leaf)
        tip += self._where(node) + self._rule(node)
        return Item(f"n{node.key}", kind, title, small, tip, node.key in self.outputs)

    def _step(self, node: Node) -> Item:
        place = self.place[node.key]
        text = self.words.formula(node.key, self.members[node.key], place)
        name = self._name(node)
        lines = wrapped(f"{name} = {text}" if name else text)
        tip = f"{node.label or name or 'a value'} : {self._full(node)}\n{text}"
        tip += self._where(node) + self._rule(node)
        return Item(f"n{node.key}", "step", lines, [], tip, node.key in self.outputs)

    def box(self, chain: Chain) -> Item:
        """The box of a use of a block."""
        node, span = self.graph[self.results[chain]], self.calls[chain]
        call = plain(span.text)
        text = call if len(call) <= WIDEST else f"{word(span)}(…)"
        name = self._name(node)
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
        return Item(key, "box", wrapped(f"{name} = {text}" if name else text), small, tip, output, chain)

    def _list(self, nodes: Iterable[Node]) -> list[str]:
        return [f"param {one.leaf.name} : {self._full(one)}" for one in nodes if one.leaf]

    def _name(self, node: Node) -> str:
        names = [local(node.label)] if node.label and node.key not in self.unnamed else []
        return ", ".join(dict.fromkeys([*names, *self.outputs.get(node.key, [])]))

    @staticmethod
    def _full(node: Node) -> str:
        return f"[{', '.join(map(str, node.shape))}]"

    @staticmethod
    def _where(node: Node) -> str:
        span = node.origin.span
        return f"\n{span.source.name}, line {span.line}" if span else ""

    def _rule(self, node: Node) -> str:
        rule = self.rules.get(node.label or (node.leaf.name if node.leaf else ""))
        return f"\ngradient: {rule}" if rule else ""

    # -- levels ----------------------------------------------------------------------------------

    def level(self, chain: Chain, ports: Sequence[Chain] = ()) -> Level:
        """What is drawn inside a box, or (of no box) at the top."""
        level, depth = Level(), len(chain)
        for node in self.graph.nodes:
            place = self.place[node.key]
            if place[:depth] != chain or self._silent(node):
                continue
            key = self.shown(node.key, chain)
            if key in level.items:
                continue
            if len(place) > depth:
                inner = place[: depth + 1]
                item = self.box(inner)
                if inner in self.opened:
                    item.level = self.level(inner)
            elif node.op is None:
                item = self._leaf(self.graph[self.alias.get(node.key, node.key)])
            else:
                item = self._step(self.graph[self.last[node.key]])
            level.items[key] = item
        for value, reader in self.drawn:
            self._join(level, chain, value, reader)
        if not chain and (loss := self.graph.loss) is not None:
            level.items["loss"] = Item("loss", "loss", ["loss"], [], "what training makes small")
            self._edge(level, Edge(self.shown(loss, ()), "loss", loss), bool(self.flow))
        return level

    def _join(self, level: Level, chain: Chain, value: int, reader: int) -> None:
        """Adds the edge from a value to a reader, if one of them is in the level."""
        start, end = self.shown(value, chain), self.shown(reader, chain)
        back, value = (value, reader) in self.flow, self.alias.get(value, value)
        if start == end:
            return
        if not start:
            start = self._port(level, chain, f"in{value}", value)
        elif not end:
            end = self._port(level, chain, f"out{value}", value)
        self._edge(level, Edge(start, end, value), back)

    def _port(self, level: Level, chain: Chain, key: str, value: int) -> str:
        node = self.graph[value]
        name = self.words.called.get((chain, value)) or self._name(node) or "·"
        name = local(node.leaf.name) if node.leaf and not self.words.called.get((chain, value)) else name
        level.items.setdefault(key, Item(key, "port", [name], [], f"{name} : {self._full(node)}"))
        return key

    def _edge(self, level: Level, edge: Edge, back: bool) -> None:
        level.edges[edge] = level.edges.get(edge, False) or back
        node = self.graph[edge.value]
        quiet = node.leaf is not None and node.leaf.kind not in ("input", "target")
        level.shapes[edge.value] = "" if quiet else size(node.shape)
        if back:
            name = node.label or (node.leaf.name if node.leaf else "")
            several = edge.value in self.alias
            level.gradients[edge.value] = f"d{local(name)}" if name and not several else ""
            if edge.end == "loss":
                level.gradients[edge.value] = "dloss = 1"

    def flat(self) -> dict[Edge, bool]:
        """The edges between all that is visible."""
        found: dict[Edge, bool] = {}
        for value, reader in self.drawn:
            edge = Edge(self.visible(value), self.visible(reader), self.alias.get(value, value))
            if edge.start != edge.end:
                found[edge] = found.get(edge, False) or (value, reader) in self.flow
        if (loss := self.graph.loss) is not None:
            found[Edge(self.visible(loss), "loss", loss)] = bool(self.flow)
        return found

    def named(self, names: Iterable[str]) -> tuple[frozenset[Chain], list[str]]:
        """The boxes of some names (`all`), with those around them; and what no box is called."""
        known = {chain: self.known_as(chain) for chain in self.calls}
        count = Counter(name for words in known.values() for name in words)
        found: set[Chain] = set()
        wanted = [*names]
        for chain, words in known.items():
            if "all" in wanted or {*words} & {*wanted}:
                found |= {chain[:depth] for depth in range(1, len(chain) + 1)}
        return frozenset(found), [name for name in wanted if name != "all" and not count[name]]

    def all_names(self) -> list[str]:
        """What boxes are called."""
        return [*dict.fromkeys(name for chain in self.calls for name in self.known_as(chain))]

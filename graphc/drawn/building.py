"""From the compiler's graph to what is drawn side by side, in the model and in each box."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from graphc.dataflow import Node
from graphc.drawn.items import Items
from graphc.drawn.picture import Chain, Edge, Item, Level
from graphc.drawn.words import ELSEWHERE, local, size


class Builder(Items):
    """Makes the levels of one graph's picture."""

    opened: frozenset[Chain] = frozenset()  # the boxes that show their inside

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
        return node.number is not None and not (node.leaf and node.leaf.name)

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

    def level(self, chain: Chain) -> Level:
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
                item = self.leaf(self.graph[self.alias.get(node.key, node.key)])
            else:
                item = self.step(self.graph[self.last[node.key]])
            level.items[key] = item
        for value, reader in self.drawn:
            self._join(level, chain, value, reader)
        if not chain and (loss := self.graph.loss) is not None:
            level.items["loss"] = Item("loss", "loss", ["loss"], [], "what training makes small")
            self._edge(level, Edge(self.shown(loss, ()), "loss", loss), int(bool(self.flow)))
        return level

    def _join(self, level: Level, chain: Chain, value: int, reader: int) -> None:
        """Adds the edge from a value to a reader, if one of them is in the level."""
        start, end = self.shown(value, chain), self.shown(reader, chain)
        back, value = self.flow[value, reader], self.alias.get(value, value)
        if start == end:
            return
        if not start:
            start = self._port(level, chain, f"in{value}", value)
        elif not end:
            end = self._port(level, chain, f"out{value}", value)
        self._edge(level, Edge(start, end, value), back)

    def _port(self, level: Level, chain: Chain, key: str, value: int) -> str:
        node = self.graph[value]
        if key not in level.items:
            name = self.words.called.get((chain, value)) or self.name_of(node)
            name = name or (node.leaf.name if node.leaf else self.unnamed.get(value, ELSEWHERE))
            if node.leaf and len(self.sharing(value)) > 1:
                name = node.leaf.name.rpartition(".")[0]
            tip = f"{name} : {self.full(node)}{self.where(node)}"
            level.items[key] = Item(key, "port", [local(name)], [], tip)
        return key

    def _edge(self, level: Level, edge: Edge, back: int) -> None:
        before = level.edges.get(edge, 0)
        once = edge.value in self.alias or not edge.end.startswith("n")  # a box sends what it adds
        level.edges[edge] = max(before, min(back, 1)) if once else before + back
        node = self.graph[edge.value]
        quiet = node.leaf is not None and node.leaf.kind not in ("input", "target")
        level.shapes[edge.value] = "" if quiet else size(node.shape)
        if edge.end == "loss":
            level.gradients[edge.value] = "dloss = 1" if back else ""
        elif back:
            level.gradients.setdefault(edge.value, self._gradient(level, edge, node))

    def _gradient(self, level: Level, edge: Edge, node: Node) -> str:
        """What the gradient of a value is called: in a block, after what it is called there."""
        if edge.value in self.alias or edge.value in self.unnamed:
            return ""
        port = level.items[edge.start] if edge.start.startswith("in") else None
        name = port.title[0] if port else node.leaf.name if node.leaf else node.label
        return f"d{local(name)}" if name and name != ELSEWHERE else ""

    def flat(self, top: Level) -> Level:
        """All that is visible, with edges through the borders of open boxes."""
        found = Level({item.key: item for item in top.everything() if item.level is None})
        for value, reader in self.drawn:
            edge = Edge(self.visible(value), self.visible(reader), self.alias.get(value, value))
            if edge.start != edge.end:
                self._edge(found, edge, self.flow[value, reader])
        if (loss := self.graph.loss) is not None:
            self._edge(found, Edge(self.visible(loss), "loss", loss), int(bool(self.flow)))
        return found

    def named(self, names: Iterable[str]) -> tuple[frozenset[Chain], list[str]]:
        """The boxes of some names (`all`), with those around them; and what no box is called."""
        known = {chain: self.known_as(chain) for chain in self.calls}
        names = [*names]
        found: set[Chain] = set()
        for chain, words in known.items():
            if "all" in names or {*words} & {*names}:
                found |= {chain[:depth] for depth in range(1, len(chain) + 1)}
        missing = {*names} - {"all"} - {name for words in known.values() for name in words}
        return frozenset(found), sorted(missing)

    def all_names(self) -> list[str]:
        """What boxes are called."""
        return [*dict.fromkeys(name for chain in self.calls for name in self.known_as(chain))]

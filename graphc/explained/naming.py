"""What has a name in a derivation: what the user named, its gradient, and what is used twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count

from graphc.dataflow import Graph, Node
from graphc.explained.spelling import seen_through
from graphc.explained.sweep import Swept
from graphc.explaining import LETTERS

LOSS = "loss"


class Naming:
    """Names for the values of a derivation, and which of them are told.

    `names` is by key of the whole graph; `values` and `gradients` by key of the forward one.
    """

    def __init__(self, swept: Swept) -> None:
        self.swept = swept
        graph = swept.forward
        self.values: dict[int, str] = {}  # what the user named; then what is inside
        self.gradients: dict[int, str] = {}
        self.names: dict[int, str] = {}
        self.temporaries: dict[int, str] = {}  # by key of the whole graph
        self.taken = {title_of(node) for node in graph.nodes}
        for node in graph.nodes:
            if node.number is None and (title := title_of(node)):
                self.values[node.key] = title
                self.names.setdefault(self._real(swept.at[node.key]), title)
        if graph.loss is not None and graph.loss not in self.values:
            self.values[graph.loss] = self._free(LOSS)
            self.names.setdefault(self._real(swept.at[graph.loss]), self.values[graph.loss])
        for key in reversed([*graph.known]):
            if key in self.values and key in swept.totals:
                self._gradient(key)
        self._used_twice()

    def _real(self, key: int) -> int:
        return seen_through(key, self.swept.whole)

    def _free(self, title: str) -> str:
        while title in self.taken:
            title += "_"
        self.taken.add(title)
        return title

    def _gradient(self, key: int) -> None:
        """Names the gradient of a value after it."""
        self.gradients[key] = self._free(f"d{self.values[key]}")
        if key in self.swept.slopes:
            self.names[self._real(self.swept.slopes[key])] = self.gradients[key]

    def _letters(self) -> tuple[str, str]:
        """Two letters that begin no name of the model's when digits follow."""
        used = re.compile(r"d?([a-z])\d*\Z")
        begun = {match[1] for one in self.taken if (match := used.match(one))}
        free = [letter for letter in LETTERS if letter not in begun]
        first, second = (*free, "inner", "part")[:2]
        return first, second

    def _used_twice(self) -> None:
        """Names what formulas would repeat, and what a factor of a matrix product is made of."""
        swept, whole = self.swept, self.swept.whole
        told = [swept.totals[key] for key in self.gradients]
        told += [one for key in self.gradients for _, one in swept.parts.get(key, ())]
        needed = whole.before(map(self._real, told))
        forward = {self._real(at): key for key, at in swept.at.items()}
        backward = {self._real(one): key for key, one in reversed([*swept.totals.items()])}
        wanted: list[tuple[int, int, int]] = []  # forward key or -1, gradient or not, whole key
        weight: dict[int, int] = {}
        for node in whole.nodes:
            if node.key not in needed:
                continue
            weight[node.key] = 0
            real = self._real(node.key)
            if real != node.key:
                weight[node.key] = weight[real]
            elif node.op is not None and node.key not in self.names:
                inner = sum(weight[one] for one in node.operands)
                weight[node.key] = inner + (not node.op.view and bool(node.shape))
                if self._worth(node, weight[node.key], backward, needed, whole):
                    weight[node.key] = 0
                    slope = node.key in backward and node.key not in forward
                    place = backward[node.key] if slope else forward.get(node.key, -1)
                    wanted.append((place, slope, node.key))
        self._number(wanted)

    def _worth(
        self, node: Node, weight: int, totals: Mapping[int, int], needed: set[int], whole: Graph
    ) -> bool:
        """Whether a value that nobody named is told by a name."""
        readers = [whole[one] for one in whole.readers(node.key) if one in needed]
        slope = node.key in totals
        uses = len({one.key for one in readers})
        product = slope and any(one.op is not None and not one.op.elementwise for one in readers)
        return weight > 0 and ((uses > 1 and (slope or weight > 1)) or product)

    def _number(self, wanted: list[tuple[int, int, int]]) -> None:
        """u1, u2, ... for what stands inside of the user's lines, and d and that for its slope."""
        inside = sorted({place for place, _, _ in wanted if place >= 0} - self.values.keys())
        one, other = self._letters()
        numbers = {key: f"{one}{place}" for place, key in enumerate(inside, 1)}
        if len(numbers) == 1:
            numbers = dict.fromkeys(numbers, one)
        self.values |= numbers
        steps = count(1)
        for place, slope, key in wanted:
            if place < 0 or (slope and place in self.gradients):
                self.names[key] = self.temporaries[key] = f"{other}{next(steps)}"
            elif slope:
                self.gradients[place] = self.names[key] = f"d{self.values[place]}"
                self.names.setdefault(self._real(self.swept.at[place]), self.values[place])
            else:
                self.names[key] = self.values[place]


def title_of(node: Node) -> str:
    """What the user calls a value, or the empty string."""
    return node.label or (node.leaf.name if node.leaf is not None else "")

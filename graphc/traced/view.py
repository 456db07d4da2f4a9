"""Which gates of a trace are shown: those in open blocks, and what closed blocks give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from graphc.data import CallError
from graphc.data.errors import clipped
from graphc.drawn import picture
from graphc.drawn.picture import Item, Picture
from graphc.errors import nearest
from graphc.explained.telling import listed
from graphc.traced.evaluating import Array
from graphc.traced.trace import Gate, Trace

FEW = 24  # gates of a model whose blocks are all open
MANY = 200  # gates above which what stands on one line is drawn together
LONG = 20  # characters of an operand that is spelt out


@dataclass(frozen=True)
class Row:
    """A gate as it is shown: what it is called, what computes it, and who sends gradients back."""

    gate: Gate
    name: str
    formula: str
    parts: tuple[tuple[str, Array], ...]


@dataclass(frozen=True)
class View:
    """The picture of a trace, and the gates that are seen in it."""

    trace: Trace
    picture: Picture

    def item(self, key: int) -> Item:
        """What stands for a value in the picture."""
        return self.picture.flat.items[self.picture.visible[key]]

    def shown(self) -> list[Gate]:
        """The gates that have a place in the picture."""
        return [one for one in self.trace.gates.values() if self._seen(one)]

    def _seen(self, gate: Gate) -> bool:
        item = self.item(gate.key)
        return item.value == gate.key or (gate.kind != "step" and item.kind != "box")

    def named(self, name: str) -> Gate:
        """The gate of a name; raises CallError if there is none."""
        gates = self.trace.gates
        known = {one.name: one for one in gates.values() if one.name}
        known |= {one: gates[key] for one, key in self.trace.graph.outputs.items() if key in gates}
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean `{near}`?" if near else f"there are {listed(known)}"
            raise CallError(f"{self.trace.source} has no value `{clipped(name)[1:-1]}`; {hint}")
        return known[name]

    def row(self, gate: Gate, long: int = LONG) -> Row:
        """A gate with what its readers send; what a closed block sends is added up.

        A reader whose formula has `long` letters is told by its operation.
        """
        item = self.item(gate.key)
        name, formula = gate.name, self.formula(gate)
        if item.kind == "box" and item.value == gate.key:
            name, _, formula = " ".join(item.title).rpartition(" = ")
            name = gate.name if name or gate.key == self.trace.loss else ""
        return Row(gate, name, formula, tuple(self._sent(gate, long)))

    def _sent(self, gate: Gate, long: int) -> Iterator[tuple[str, Array]]:
        """What each reader sends; of readers that are called alike, the line that each is on."""
        found: dict[str | int, tuple[list[Gate], Array]] = {}
        for place, (reader, part) in enumerate(self.trace.sources(gate)):
            item = self.item(reader.key)
            within = item.kind == "box" or item.value != reader.key
            key = item.key if within else place
            readers, sent = found.get(key, ([], np.zeros(())))
            found[key] = [*readers, reader], sent + part
        titles = {key: self._readers(readers, long) for key, (readers, _) in found.items()}
        lines: dict[str, set[int]] = {}
        for key, (readers, _) in found.items():
            lines.setdefault(titles[key], set()).add(readers[0].line)
        for key, (readers, sent) in found.items():
            alike = len(lines[titles[key]]) > 1
            yield f"{titles[key]}, line {readers[0].line}" if alike else titles[key], sent

    def _readers(self, gates: Sequence[Gate], long: int) -> str:
        """What readers are called that are drawn as one."""
        titles = {self.reader(one, long) for one in gates}
        item = self.trace.gates.get(self.item(gates[0].key).value)
        return titles.pop() if len(titles) == 1 or item is None else self.reader(item, long)

    def reader(self, gate: Gate, long: int = LONG) -> str:
        """What a reader is called."""
        item = self.item(gate.key)
        if item.kind == "box":
            name, _, formula = " ".join(item.title).rpartition(" = ")
            return name or (formula if len(formula) < long else f"{formula.partition('(')[0]}(…)")
        if gate.name:
            return gate.name
        return gate.formula if len(gate.formula) < long else self.brief(gate)

    def formula(self, gate: Gate) -> str:
        """What computes a gate; a long operand without a name is told by its operation alone."""
        return self.trace.spelt(gate, self._put(gate)) if gate.formula else ""

    def _put(self, gate: Gate) -> dict[int, str]:
        operands = (self.trace.gates.get(key) for key in self.trace.graph[gate.key].operands)
        long = [one for one in operands if one and not one.name and len(one.formula) > LONG]
        return {one.key: self.brief(one) for one in long}

    def brief(self, gate: Gate) -> str:
        """An operation with the names of its operands alone: `sum(…)`, `… @ W`."""
        node = self.trace.graph[gate.key]
        assert node.op is not None
        if not node.op.symbol or len(node.operands) != 2:
            return f"{node.op.name}(…)"
        known = (self.trace.gates.get(key) for key in node.operands)
        left, right = ((one and one.name) or "…" for one in known)
        return f"{left} {node.op.symbol} {right}"


def view(trace: Trace, expand: Sequence[str]) -> View:
    """The view of a trace; raises CallError if no block is called as one of `expand`."""
    few = sum(one.kind == "step" for one in trace.gates.values()) <= FEW
    drawn = picture(trace.graph, True, expand or ("all",) * few, gates=True)
    if len(drawn.flat.items) > MANY:
        drawn = picture(trace.graph, True, expand)
    return View(trace, drawn)

"""Which line of a module makes which value of the user's graph known, and which gradient.

It is the first that has written its numbers. What no line writes by itself, because it is part of
another line's formula, is known with what is made of it. What a line belongs to is told by the
place in the text that the node of the plan comes from which it was printed for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from graphc.dataflow import Node
from graphc.drawn.grouping import call
from graphc.drawn.picture import Chain
from graphc.plan import Plan
from graphc.traced.evaluating import Array
from graphc.traced.running import Ran
from graphc.traced.trace import Gate, Part
from graphc.traced.written import Trial, Written


@dataclass(frozen=True)
class Share:
    """What some readers together send to a value that others send to as well."""

    gate: int
    readers: tuple[int, ...]


@dataclass
class Moment:
    """What is seen when one line has run: gates that it belongs to, and what is known from then on.

    `ran` is None where a function begins. `implied` are those of `gradients` that no line writes by
    itself.
    """

    function: str
    ran: Ran | None
    gates: list[int] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    gradients: list[int] = field(default_factory=list)
    implied: set[int] = field(default_factory=set)
    shares: list[Share] = field(default_factory=list)
    backward: bool = False


def moments(trials: Sequence[Trial], plan: Plan) -> list[Moment]:
    """The moments of a training step, from the first line of its first function to the last."""
    found: list[Moment] = []
    for one in trials[0].lines:
        if not found or found[-1].function != one.function:
            found.append(Moment(one.function, None, backward=one.function == "backward"))
        found.append(Moment(one.function, one))
    return _Wave(trials, plan, found).moments


class _Wave:
    """Puts on each moment what it shows."""

    def __init__(self, trials: Sequence[Trial], plan: Plan, found: list[Moment]) -> None:
        self.traces = [one.trace for one in trials]
        self.trace, self.plan, self.moments = self.traces[0], plan, found
        self.written = Written(trials)
        self.lines = [at for at, one in enumerate(found) if one.ran is not None]
        self.turn = next((at for at, one in enumerate(found) if one.backward), len(found) - 1)
        self.places: dict[Chain, list[int]] = {}  # the gates of each place in the text
        for key in self.trace.gates:
            self.places.setdefault(_place(self.trace.graph[key]), []).append(key)
        self.ahead: dict[Chain, list[int]] = {}  # the moments of each place, on the way forward
        self.exact: dict[int, int] = {}  # of gradients that have a name in the plan, by gate
        self._join()
        self._values()
        self._gradients()
        self._light()

    def _join(self) -> None:
        """Notes what each line belongs to."""
        named = {gate.name: key for key, gate in self.trace.gates.items() if gate.name}
        sent = {key: named[name] for name, key in self.plan.graph.gradients.items()}
        for at, moment in enumerate(self.moments):
            if moment.ran is None or moment.ran.key is None:
                continue
            node = self.plan.graph[moment.ran.key]
            place, moment.backward = _place(node), node.origin.backward
            if moment.function != "track" and not moment.backward:
                self.ahead.setdefault(place, []).append(at)
            moment.gates = [*self.places.get(place, [])]
            for key in (sent.get(node.key), named.get(node.gradient_of or "")):
                if key is not None and self.trace.gates[key].gradient is not None:
                    self.exact[key] = at

    def _light(self) -> None:
        """Lights what a line makes known, also elsewhere than at its own place in the text.

        With a sum of gradients it is all readers that send a part, with the update what it moves.
        """
        gates = self.trace.gates
        trained = [key for key, one in gates.items() if one.kind == "param" and one.parts]
        for moment in self.moments:
            if moment.function == "update":
                moment.gates = trained
            elif moment.ran is not None:
                sums = [gates[key] for key in moment.gradients if len(gates[key].parts) > 1]
                made = [key for key in moment.values if gates[key].kind == "step"]
                sent = [part.reader for gate in sums for part in gate.parts]
                moment.gates = list(dict.fromkeys([*moment.gates, *made, *sent]))
                moment.gates = moment.gates or [*moment.gradients] or [self.trace.loss]

    def _writing(self, arrays: Sequence[Array]) -> list[int]:
        """The moments that write an array; `arrays` are one value in each of the trials."""
        return [self.lines[one] for one in self.written.places(arrays)]

    def _found(self, arrays: Sequence[Array], least: int, most: int) -> int | None:
        """When an array is first written after others are known; or then, if it stood there."""
        found = self._writing(arrays)
        later = [at for at in found if least <= at <= most]
        return later[0] if later else least if found and found[0] < least else None

    def _own(self, node: Node, arrays: Sequence[Array], least: int) -> int | None:
        """When a value is written; of lines of its own place the last, as a mean of one row."""
        lines = self.ahead.get(_place(node), ())
        own = [at for at in self._writing(arrays) if at >= least and at in lines]
        return own[-1] if own else self._found(arrays, least, len(self.moments))

    def _values(self) -> None:
        """When each value is known.

        What no line computes and nothing reads is known before the way back.
        """
        graph, least = self.trace.graph, dict[int, int]()
        known = {node.key: 0 for node in graph.nodes if node.op is None}
        for node in graph.nodes:
            least[node.key] = max((least[key] for key in node.operands), default=0)
            if node.op is not None and node.key in self.trace.gates:
                arrays = [one.gates[node.key].value for one in self.traces]
                at = self._own(node, arrays, least[node.key])
                if at is not None:
                    least[node.key] = known[node.key] = at
        unwritten = [node for node in graph.nodes if node.key not in known]
        for node in reversed(unwritten):
            own = self.ahead.get(_place(node), [])
            found = [*own[-1:], *(known[key] for key in graph.readers(node.key))]
            known[node.key] = max(least[node.key], min(found, default=self.turn))
        for node in unwritten:  # a view is known with what it shows
            if node.op is not None and node.op.view and _place(node) not in self.ahead:
                known[node.key] = max(known[key] for key in node.operands)
        for key in self.trace.gates:
            self.moments[known[key]].values.append(key)

    def _gradients(self) -> None:
        """When each gradient is known: not before what its readers send is."""
        gates = {key: one for key, one in self.trace.gates.items() if one.gradient is not None}
        fed: dict[int, list[int]] = {}  # the gates that each sends a part to
        for key, gate in gates.items():
            for part in gate.parts:
                fed.setdefault(part.reader, []).append(key)
        most: dict[int, int] = {}  # when it is needed
        for key in gates:
            needed = [most[one] for one in fed.get(key, ())]
            most[key] = self.exact.get(key, min(needed, default=len(self.moments)))
        least, known = dict[int, int](), dict[int, int]()
        for key, gate in reversed(gates.items()):
            least[key] = max((least[part.reader] for part in gate.parts), default=self.turn)
            arrays = [_back(one.gates[key]) for one in self.traces]
            at = self.exact.get(key, self._found(arrays, least[key], most[key]))
            if at is None and self.written.constant(arrays):
                at = least[key]
                self.moments[at].implied.add(key)
            if at is not None:
                least[key] = known[key] = at
        for key in gates:
            if key not in known:
                known[key] = min((known[one] for one in fed.get(key, ())), default=least[key])
                self.moments[known[key]].implied.add(key)
        for key, gate in reversed(gates.items()):
            self.moments[known[key]].gradients.append(key)
            self._shares(gate, known[key])

    def _shares(self, gate: Gate, end: int) -> None:
        """Notes the lines before `end` that write a part of a sum, or the first parts added up."""
        count = len(gate.parts)
        spans = [(one, one + 1) for one in range(count) if not gate.parts[one].passed]
        spans += [(0, one) for one in range(2, count)]
        for start, stop in spans if count > 1 else ():
            parts = [one.gates[gate.key].parts[start:stop] for one in self.traces]
            sums = [_sum(one) for one in parts]
            at = next((at for at in self._writing(sums) if self.turn < at < end), None)
            if at is None or self.written.constant(sums):
                continue
            shares = self.moments[at].shares
            if all(one.gate != gate.key for one in shares):
                readers = dict.fromkeys(one.reader for one in parts[0])
                shares.append(Share(gate.key, tuple(readers)))


def _back(gate: Gate) -> Array:
    assert gate.gradient is not None
    return gate.gradient


def _sum(parts: Sequence[Part]) -> Array:
    return np.asarray(sum(one.value for one in parts))


def _place(node: Node) -> Chain:
    """A place in the text, in one copy of a block; of what has none, its own."""
    span = node.origin.span
    return tuple(map(call, [*span.calls, span])) if span else ((f"node {node.key}", 0, 0, 0),)

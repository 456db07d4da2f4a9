"""Which line of a module makes which value of the user's graph known, and which gradient.

A statement was printed for a node of the plan, and a node knows the place in the text that it comes
from: forward the operation that it computes, backward the one that the gradient passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graphc.dataflow import Node
from graphc.drawn.grouping import call
from graphc.drawn.picture import Chain
from graphc.plan import Plan
from graphc.traced.running import Ran
from graphc.traced.trace import Gate, Trace

BEGIN = "begin"  # of a function: its first line


@dataclass
class Moment:
    """What is seen when one line has run: gates that it belongs to, and what is known from then on.

    `ran` is None where a function begins.
    """

    function: str
    ran: Ran | None
    gates: list[int] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    gradients: list[int] = field(default_factory=list)
    backward: bool = False


def moments(trace: Trace, plan: Plan, done: Sequence[Ran]) -> list[Moment]:
    """The moments of a training step, from the first line of its first function to the last."""
    found: list[Moment] = []
    for one in done:
        if not found or found[-1].function != one.function:
            found.append(Moment(one.function, None, backward=one.function == "backward"))
        found.append(Moment(one.function, one))
    return _Wave(trace, plan, found).moments


class _Wave:
    """Puts on each moment what it shows."""

    def __init__(self, trace: Trace, plan: Plan, found: list[Moment]) -> None:
        self.trace, self.plan, self.moments = trace, plan, found
        self.turn = next((at for at, one in enumerate(found) if one.backward), len(found) - 1)
        self.places: dict[Chain, list[int]] = {}  # the gates of each place in the text
        for key in trace.gates:
            self.places.setdefault(_place(trace.graph[key]), []).append(key)
        self.ahead: dict[Chain, list[int]] = {}  # the moments of each place, forward and back
        self.back: dict[Chain, list[int]] = {}
        self.exact: dict[int, int] = {}  # of gradients that a line computes, by gate
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
            if moment.function != "track":  # which reads values and makes none
                (self.back if moment.backward else self.ahead).setdefault(place, []).append(at)
            moment.gates = [*self.places.get(place, [])]
            for key in (sent.get(node.key), named.get(node.gradient_of or "")):
                if key is not None and self.trace.gates[key].gradient is not None:
                    self.exact[key] = at

    def _light(self) -> None:
        """Lights what has no place in the text: what the loss itself sends, and the update."""
        gates = self.trace.gates
        trained = [key for key, one in gates.items() if one.kind == "param" and one.parts]
        for moment in self.moments:
            if moment.function == "update":
                moment.gates = trained
            elif not moment.gates:
                known = (gates[key] for key in moment.gradients)
                moment.gates = [part.reader for gate in known for part in gate.parts]

    def _values(self) -> None:
        """When each value is known: with the last of its lines, or when something is made of it.

        What no line computes and nothing reads is known before the way back.
        """
        graph, known = self.trace.graph, dict[int, int]()
        for node in reversed(graph.nodes):
            own = self.ahead.get(_place(node), [])
            found = [*own[-1:], *(known[key] for key in graph.readers(node.key))]
            known[node.key] = 0 if node.op is None else min(found, default=self.turn)
        for node in graph.nodes:  # a view is known with what it shows
            if node.op is not None and node.op.view and _place(node) not in self.ahead:
                known[node.key] = max(known[key] for key in node.operands)
        for key in self.trace.gates:
            self.moments[known[key]].values.append(key)

    def _gradients(self) -> None:
        """When each gradient is known: when the last of its readers has sent its part."""
        known: dict[int, int] = {}
        taken = {*self.exact.values()}
        for key, gate in reversed([*self.trace.gates.items()]):
            if gate.gradient is None:
                continue
            if key in self.exact:
                known[key] = self.exact[key]
            else:
                known[key] = max(self._sent(gate, known, taken), default=self.turn)
        for key, at in known.items():
            self.moments[at].gradients.append(key)

    def _sent(self, gate: Gate, known: Mapping[int, int], taken: set[int]) -> list[int]:
        """When each reader's part is there: with its own gradient if that is passed on as it is."""
        found = []
        for part in gate.parts:
            before = known.get(part.reader, self.turn)
            lines = self.back.get(_place(self.trace.graph[part.reader]), [])
            lines = [at for at in lines if at not in taken and at >= before]
            found.append(before if part.passed or not lines else max(lines))
        return found


def _place(node: Node) -> Chain:
    """A place in the text, in one copy of a block; of what has none, its own."""
    span = node.origin.span
    return tuple(map(call, [*span.calls, span])) if span else ((f"node {node.key}", 0, 0, 0),)

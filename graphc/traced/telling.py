"""What a page tells of one line of a module: what it wrote, and what is known from then on."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from html import escape

from graphc.explained.telling import listed
from graphc.traced.arrays import told, whole
from graphc.traced.evaluating import Array
from graphc.traced.example import Example
from graphc.traced.figure import brief, minus
from graphc.traced.numbers import shown
from graphc.traced.running import Ran
from graphc.traced.trace import Gate
from graphc.traced.view import View
from graphc.traced.wave import Moment, Share

FINE = 7  # digits, so that a small step is seen
LONG = 50  # characters of a reader without a name
BEGINS = {
    "draw": "A training step begins with its random numbers.",
    "forward": "Forward: each value from those before it, from the data to the loss.",
    "loss": "The loss, from what forward has computed.",
    "backward": "Backward: the derivative of the loss by each value, last value first. That of the"
    " loss by itself is 1.",
    "update": "The update: the optimizer moves every parameter against its gradient.",
    "track": "What evaluation will use of this step.",
}


class Teller:
    """Tells the moments of a view, of a step on an example, as HTML."""

    def __init__(self, view: View, example: Example) -> None:
        self.view, self.example = view, example
        self.gates = view.trace.gates

    def moment(self, one: Moment) -> str:
        """What is told of a moment: of its line, and of the user's own values."""
        body = self._begun(one) if one.ran is None else self._written(one.ran)
        return f"<div>{''.join(body)}</div><div>{''.join(self._known(one))}</div>"

    def _begun(self, one: Moment) -> Iterator[str]:
        yield f"<h2>{escape(one.function)}</h2><p>{BEGINS[one.function]}</p>"

    def _written(self, ran: Ran) -> Iterator[str]:
        """What a line has computed."""
        shape = f" <small>{list(ran.value.shape)}</small>" if ran.value.ndim else ""
        yield f"<h2><code>{escape(ran.meaning)}</code>{shape}</h2>"
        yield told(ran.value)

    def _known(self, one: Moment) -> Iterator[str]:
        """What is known of the user's own values from a line on."""
        if one.ran is not None and (where := self._where(one)):
            yield f'<p class="soft">{where}</p>'
        yield from (f'<p class="soft">{self._share(share)}</p>' for share in one.shares)
        rows = [self._value(self.gates[key]) for key in one.values]
        for alike in self._alike(one.gradients):
            rows += self._gradient(alike, one.implied)
        if one.function == "update" and one.ran is not None and one.ran.name == "theta":
            rows += self._moved(one.ran.value)
        if rows:
            yield f'<table class="known">{"".join(rows)}</table>'

    def _share(self, share: Share) -> str:
        """What is told of a line that writes a part of a sum."""
        readers = (self.view.reader(self.gates[key], LONG) for key in share.readers)
        by = listed(dict.fromkeys(f"<code>{escape(one)}</code>" for one in readers))
        return f"part of the gradient of {self._title(self.gates[share.gate])}, by {by}"

    def _alike(self, keys: Sequence[int]) -> Sequence[Sequence[Gate]]:
        """Gates by what their gradients are: one that is another's as it is stands with that."""
        found: dict[int, list[Gate]] = {}
        for key in keys:
            parts = self.gates[key].parts
            same = found.get(parts[0].reader) if len(parts) == 1 and parts[0].passed else None
            found[key] = same if same is not None else []
            found[key].append(self.gates[key])
        return [*{id(one): one for one in found.values()}.values()]

    def _where(self, one: Moment) -> str:
        """The gate that a line belongs to, and its line in the model."""
        if one.function == "update":
            return "the optimizer of the model"
        if not one.gates:
            return ""
        gate = self.gates[one.gates[-1]]
        formula = self.view.formula(gate)
        text = f"{gate.name} = {formula}" if gate.name and formula else gate.name or formula
        way = "back through" if one.backward else "forward:"
        line = f", line {gate.line} of {self.view.trace.source}" if gate.line else ""
        return f"{way} <code>{escape(text)}</code>{escape(line)}"

    def _title(self, gate: Gate) -> str:
        return f"<code>{escape(gate.name or self.view.formula(gate))}</code>"

    def _value(self, gate: Gate) -> str:
        return _row(self._title(gate), _numbers(gate.value))

    def _gradient(self, gates: Sequence[Gate], implied: Container[int]) -> Iterator[str]:
        """A gradient that some gates have, the readers whose parts it is the sum of, its formula.

        Its parts are those of the first gate, which passes it to the others.
        """
        assert gates[0].gradient is not None
        sent = self.view.row(gates[0], LONG).parts
        parts = [(f"from <code>{escape(who)}</code>", part) for who, part in sent]
        by = parts[0][0] if len(parts) == 1 else ""
        head = f"gradient of {listed(map(self._title, gates))}"
        yield _row(head, _numbers(gates[0].gradient), by, "back")
        for place, (who, part) in enumerate(parts if len(parts) > 1 else ()):
            less = place > 0 and not part.ndim and part < 0
            sign = "−" if less else "+" if place else "="
            yield _row(sign, _numbers(-part if less else part), who, "back part")
        why = [
            f"<code>{escape(one)}</code>" for each in gates for one in self.view.trace.derived(each)
        ]
        if gates[0].parts and gates[0].key in implied:
            why.append("no line writes it by itself")
        if why:
            yield f'<tr class="why"><th><td colspan="2">{"<br>".join(why)}</tr>'

    def _moved(self, theta: Array) -> Iterator[str]:
        """Each trained parameter before and after the update."""
        for gate in self.gates.values():
            if gate.kind == "param":
                after = theta[self.example.module.PLACES[gate.name]].reshape(gate.value.shape)
                before, now = _numbers(gate.value, FINE), _numbers(after, FINE)
                way = f"<div>{before}<span>→</span>{now}</div>"
                yield _row(self._title(gate), way)


def _row(head: str, numbers: str, by: str = "", kind: str = "") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f"<tr{marked}><th>{head}<td>{numbers}<td>{by}</tr>"


def _numbers(array: Array, digits: int = 4) -> str:
    """A small array whole, of another the least and the largest number."""
    if not array.ndim:
        return f"<span>{minus(shown(array.item(), digits))}</span>"
    return whole(array) or f"<span>{escape(brief(array))}</span>"

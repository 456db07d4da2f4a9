"""What a page tells of one line of a module: what it wrote, and what is known from then on."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from graphc.traced.arrays import told
from graphc.traced.evaluating import Array
from graphc.traced.example import Example
from graphc.traced.figure import added, brief
from graphc.traced.running import Ran
from graphc.traced.trace import Gate
from graphc.traced.view import View
from graphc.traced.wave import Moment

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
        rows = [self._value(self.gates[key]) for key in one.values]
        rows += [self._gradient(self.gates[key]) for key in one.gradients]
        if one.function == "update" and one.ran is not None and one.ran.name == "theta":
            rows += self._moved(one.ran.value)
        if rows:
            yield f'<table class="known">{"".join(rows)}</table>'

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
        return f"<tr><th>{self._title(gate)}<td>{escape(brief(gate.value))}<td></tr>"

    def _gradient(self, gate: Gate) -> str:
        """A gradient, the readers whose parts it is the sum of, and its formula."""
        assert gate.gradient is not None
        row = self.view.row(gate, LONG)
        by = " + ".join(f"<code>{escape(name)}</code>" for name, _ in row.parts)
        if len(row.parts) > 1 and not gate.gradient.ndim:
            by = f"= {escape(added([part for _, part in row.parts]))}, by {by}"
        elif row.parts:
            by = f"from {by}"
        head = f"gradient of {self._title(gate)}"
        why = "<br>".join(f"<code>{escape(one)}</code>" for one in self.view.trace.derived(gate))
        why = f'<tr class="why"><th><td colspan="2">{why}</tr>' if why else ""
        return f'<tr class="back"><th>{head}<td>{escape(brief(gate.gradient))}<td>{by}</tr>{why}'

    def _moved(self, theta: Array) -> Iterator[str]:
        """Each trained parameter before and after the update."""
        for gate in self.gates.values():
            if gate.kind == "param":
                after = theta[self.example.module.PLACES[gate.name]].reshape(gate.value.shape)
                way = f"{brief(gate.value)} → {brief(after)}"
                yield f"<tr><th>{self._title(gate)}<td>{escape(way)}<td></tr>"

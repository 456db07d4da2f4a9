"""What random models are built with: data, parameters, values that are read again and again."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from random import Random

from random_moves import Shape

TIME = 3  # rows of a sequence


@dataclass(frozen=True)
class Value:
    """An expression, its shape, and whether a target has a part in it."""

    text: str
    shape: Shape
    judged: bool = False


class Sketch:
    """The statements of a model so far."""

    def __init__(self, number: int) -> None:
        self.random = Random(number)
        self.count = itertools.count()
        self.lines: list[str] = []
        self.values: list[Value] = []
        self.read: set[str] = set()
        self.params: list[str] = []
        self.leaves()

    def leaves(self) -> None:
        """Data, parameters, and constants, of sizes that are often equal."""
        one_of = self.random.choice
        size = lambda: one_of([1, 2, 3, 4, 4])  # noqa: E731
        self.data("input", ("batch", one_of([1, 2, 4])))
        shapes: list[Shape] = [("batch",), ("batch", size()), (size(), "batch"), ("batch", 1)]
        shapes += [("batch", TIME, 4), ("batch", one_of([1, 2]), 4, 4), ("batch", "time", 4)]
        for shape in self.random.sample(shapes, self.random.randint(1, 3)):
            self.data("input", shape)
        self.param((size(), size()))
        for _ in range(self.random.randint(0, 2)):
            self.param(one_of([(size(),), (size(), size()), (), (2, 4, 4), (1, 4)]))
        self.lines.append("const k = [[0.5, -1, 2, 0.25]]")
        self.values.append(Value("k", (1, 4)))

    def data(self, kind: str, shape: Shape, whole: bool = False) -> Value:
        value = Value(f"x{next(self.count)}", shape, kind == "target")
        self.lines.append(f"{kind} {value.text} : {'int' * whole}[{sizes_of(shape)}]")
        if not whole and kind == "input":
            self.values.append(value)
        return value

    def param(self, shape: Shape, frozen: bool | None = None) -> Value:
        value = Value(f"P{next(self.count)}", shape)
        start = ["normal(0.5)", "uniform(-1, 1)", "normal(1)"] + ["orthogonal"] * (len(shape) == 2)
        if frozen is None:
            frozen = bool(self.params) and self.random.random() < 0.2
        tail = " frozen" if frozen else ""
        self.lines.append(
            f"param {value.text} : [{sizes_of(shape)}] = {self.random.choice(start)}{tail}"
        )
        self.values.append(value)
        if not frozen:
            self.params.append(value.text)
        return value

    def some(self) -> Value:
        """A value, a late one more often; data and parameters are used again and again."""
        if self.random.random() < 0.6:
            return self.random.choice(self.values[-4:])
        return self.random.choice(self.values)

    def keep(self, text: str, shape: Shape, *used: Value) -> Value:
        """Takes a value in, held within bounds: by a name, or to be spelt out by its readers."""
        self.read |= {one.text for one in used}
        tame = self.random.choice(["2 * tanh({})", "1.5 * sin({})", "0.5 * ({})", "{}"])
        if re.search(r"exp|\*\*|square|log\(|/ \(", text):
            tame = "2 * tanh({})"
        text = tame.format(f"({text})" if "|>" in text else text)
        if (
            "|>" in text
            or "normalise_batch" in text
            or len(text) > 60
            or self.random.random() < 0.7
        ):
            name = f"v{next(self.count)}"
            self.lines.append(f"{name} = {text}")
            text = name
        else:
            text = f"({text})"
        judged = any(one.judged for one in used)
        self.values.append(Value(text, shape, judged))
        return self.values[-1]


def sizes_of(shape: Shape) -> str:
    return ", ".join(map(str, shape))

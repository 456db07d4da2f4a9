"""Random models: drawn by hypothesis, one value after the other.

What could grow is scaled down, so that differences can tell a derivative.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

from expressions import BINARY, LOSSES, UNARY
from hypothesis import strategies as st
from oracle import Model, Shape, Value
from random_moves import moves


def broadcast(*shapes: Shape) -> Shape | None:
    """The shape that others broadcast to; None if they do not."""
    result = []
    for sizes in itertools.zip_longest(*(shape[::-1] for shape in shapes), fillvalue=1):
        wide = {size for size in sizes if size != 1}
        if len(wide) > 1:
            return None
        result.append(wide.pop() if wide else 1)
    return tuple(result[::-1])


def product(a: Shape, b: Shape) -> Shape | None:
    """The shape of `a @ b`; None if they do not fit."""
    if not a or not b or a[-1] != b[0 if len(b) == 1 else -2]:
        return None
    batch = broadcast(a[:-2], b[:-2])
    return None if batch is None else (*batch, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


class Builder:
    """Draws a model, one value after the other."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.model = Model({"batch": draw(st.sampled_from([1, 2, 5])), "time": 3})
        self.values: list[Value] = []
        self.read: set[str] = set()

    def one_of(self, options: Any) -> Any:
        return self.draw(st.sampled_from(list(options)))

    def leaf(self, shape: Shape) -> Value:
        """A new parameter, or data where a run-time size stands in the shape."""
        symbolic = any(isinstance(size, str) for size in shape)
        if symbolic or (self.model.params and self.draw(st.integers(0, 4)) == 0):
            name = f"x{len(self.model.data)}"
            self.model.data[name] = ("input", shape, None)
        else:
            name = f"P{len(self.model.params)}"
            self.model.params[name] = shape
        value = Value(name, shape, 1.0)
        self.values.append(value)
        return value

    def shape(self) -> Shape:
        sizes = st.sampled_from([1, 2, 3, 4, "batch", "batch", "time"])
        return tuple(self.draw(st.lists(sizes, max_size=3)))

    def some(self, fits: Any = lambda value: True) -> Value | None:
        """One of the values that fit, late ones first to be tried."""
        options = [value for value in self.values if fits(value)]
        return self.one_of(options[::-1]) if options else None

    def keep(
        self, text: str, shape: Shape, bound: float, *used: Value, judged: bool = False
    ) -> None:
        """Takes a new value in: scaled where it could grow too large, named or spelt out."""
        if bound > 6:
            factor = round(3 / bound, 8)
            text, bound = f"{factor} * ({text})", 3.0
        if len(text) > 60 or self.draw(st.booleans()):
            self.model.lines.append((f"v{len(self.model.lines)}", text))
            text = self.model.lines[-1][0]
        else:
            text = f"({text})"
        self.read |= {value.text for value in used}
        judged = judged or any(value.judged for value in used)
        self.values.append(Value(text, shape, max(bound, 0.1), judged))

    # -- kinds of statement ------------------------------------------------------------------------

    def unary(self, x: Value) -> None:
        template = self.one_of(UNARY)
        text = template.replace("SHAPE", ", ".join(map(str, x.shape))).format(x.text)
        shape = () if template.startswith("sum") else x.shape
        self.keep(text, shape, UNARY[template](x.bound), x)

    def binary(self, x: Value) -> None:
        y = self.some(lambda other: broadcast(x.shape, other.shape) is not None)
        if y is None or self.draw(st.booleans()):
            cut = self.draw(st.integers(0, len(x.shape)))
            y = self.leaf(tuple(self.one_of([size, size, 1]) for size in x.shape[cut:]))
        if self.draw(st.booleans()):
            x, y = y, x
        template = self.one_of(BINARY)
        shape = broadcast(x.shape, y.shape)
        assert shape is not None
        self.keep(template.format(x.text, y.text), shape, BINARY[template](x.bound, y.bound), x, y)

    def matmul(self, x: Value) -> None:
        last = x.shape[-1:]
        options = [(*x.shape[:-2], *last, 2)] * (len(x.shape) > 1) + [last, (*last, 3)]
        options += [(2, *last, 4)] * (len(x.shape) < 3)
        y = self.some(lambda other: product(x.shape, other.shape) is not None)
        if y is None or self.draw(st.booleans()):
            y = self.leaf(self.one_of([one for one in options if one]) if last else ())
        left, right = x, y
        if product(left.shape, right.shape) is None:
            return
        shape = product(left.shape, right.shape)
        assert shape is not None
        text = self.one_of(["{} @ {}", "matmul({}, {})"]).format(left.text, right.text)
        self.keep(text, shape, 5 * left.bound * right.bound, left, right)

    def gram(self, x: Value) -> None:
        if len(x.shape) < 2:
            return
        axes = [*range(len(x.shape) - 2), len(x.shape) - 1, len(x.shape) - 2]
        turned = f"{x.text}.T" if len(x.shape) == 2 else f"transpose({x.text}, {axes})"
        shape = (*x.shape[:-1], x.shape[-2])
        self.keep(f"{x.text} @ {turned}", shape, 5 * x.bound**2, x)

    def turn(self, x: Value) -> None:
        axes = self.draw(st.permutations(range(len(x.shape))))
        if self.draw(st.booleans()) or not axes:
            self.keep(f"{x.text}.T", x.shape[::-1], x.bound, x)
        else:
            shape = tuple(x.shape[axis] for axis in axes)
            self.keep(f"transpose({x.text}, {list(axes)})", shape, x.bound, x)

    def reshape(self, x: Value) -> None:
        """Neighbours that are numbers are joined, or one is split, or a 1 put in."""
        sizes = list(x.shape)
        place = self.draw(st.integers(0, len(sizes)))
        if place + 1 < len(sizes) and all(isinstance(one, int) for one in sizes[place : place + 2]):
            sizes[place : place + 2] = [sizes[place] * sizes[place + 1]]
        elif place < len(sizes) and sizes[place] == 4:
            sizes[place : place + 1] = [2, 2]
        else:
            sizes.insert(place, 1)
        if len(sizes) > 4:
            return
        shown = list(map(str, sizes))
        if shown and self.draw(st.booleans()):
            shown[self.draw(st.integers(0, len(shown) - 1))] = self.one_of(["-1", "_"])
        self.keep(f"reshape({x.text}, [{', '.join(shown)}])", tuple(sizes), x.bound, x)

    def move(self, x: Value) -> None:
        """Elements only moved: cut out, put together, in another order."""
        if x.shape:
            options = moves(x.shape, self.draw(st.integers(0, len(x.shape) - 1)))
            text = self.one_of(options)
            self.keep(text.format(x.text), options[text], 2 * x.bound + 0.3, x)

    def reduction(self, x: Value) -> None:
        axes = self.draw(st.lists(st.integers(0, max(len(x.shape) - 1, 0)), unique=True))
        name = self.one_of(["sum", "sum", "mean", "mean", "max", "min", "norm", "logsumexp"])
        keep = self.draw(st.booleans())
        grows = {"sum": 25, "norm": 5}.get(name, 1)
        if name == "logsumexp":
            x = Value(x.text, x.shape, x.bound + 5, x.judged)
        if name == "norm":  # whose slope at 0 no difference can tell
            x = Value(f"(square({x.text}) + 0.1)", x.shape, x.bound**2 + 1, x.judged)
        if not axes or not x.shape:
            shape: Shape = (1,) * len(x.shape) if keep else ()
            tail = ", keepdims = true" if keep else ""
            self.keep(f"{name}({x.text}{tail})", shape, 3 * grows * x.bound, x)
            return
        shape = tuple(
            1 if axis in axes else size
            for axis, size in enumerate(x.shape)
            if keep or axis not in axes
        )
        counted = [axis - len(x.shape) if self.draw(st.booleans()) else axis for axis in axes]
        axis = str(counted[0] if len(counted) == 1 else tuple(counted)).replace("(", "[")
        text = f"{name}({x.text}, axis = {axis.replace(')', ']')}"
        self.keep(text + (", keepdims = true)" if keep else ")"), shape, grows * x.bound, x)

    def normalised(self, x: Value) -> None:
        if not x.shape:
            return
        axis = self.draw(st.integers(-len(x.shape), len(x.shape) - 1))
        name = self.one_of(["softmax", "log_softmax", "normalise"])
        bound = {"softmax": 1.0, "normalise": 6.0}.get(name, 2 * x.bound + 2)
        if name == "normalise":  # where all are nearly equal, it is too steep for differences
            self.keep(f"normalise({x.text}, {axis}, epsilon = 0.5)", x.shape, bound, x)
            return
        self.keep(f"{name}({x.text}, axis = {axis})", x.shape, bound, x)

    def compared(self, x: Value) -> None:
        """A loss of a value against another of its shape, or against class numbers."""
        if x.shape and isinstance(x.shape[-1], int) and self.draw(st.integers(0, 2)) == 0:
            name = f"t{len(self.model.data)}"
            self.model.data[name] = ("target", x.shape[:-1], x.shape[-1])
            self.keep(f"cross_entropy({x.text}, {name})", (), 2 * x.bound + 3, x, judged=True)
            return
        y = self.some(lambda other: other.shape == x.shape)
        y = y if y is not None and self.draw(st.booleans()) else self.leaf(x.shape)
        template = self.one_of(LOSSES if x.shape else [one for one in LOSSES if "soft" not in one])
        self.keep(template.format(x.text, y.text), (), LOSSES[template](x.bound, y.bound), x, y)

    def build(self) -> Model:
        self.leaf(tuple(size for size in self.shape() if isinstance(size, int)))
        for _ in range(self.draw(st.integers(1, 3))):
            self.leaf(self.shape())
        kinds = [
            self.unary, self.unary, self.binary, self.binary, self.matmul, self.matmul, self.gram,
            self.turn, self.move, self.move, self.reshape, self.reduction, self.normalised,
            self.compared,
        ]  # fmt: skip
        for _ in range(self.draw(st.integers(2, 14))):
            value = self.some()
            assert value is not None
            if math.prod(self.model.solved(value.shape)) <= 120:
                self.one_of(kinds)(value)
        self._finish()
        return self.model

    def _finish(self) -> None:
        ends = [value for value in self.values if value.text not in self.read][-5:]
        ends += self.values[:1]  # a parameter: without one there is nothing to train
        terms = [
            self.one_of(["mean({})", "mean(square({}))", "0.1 * sum({})"]).format(value.text)
            for value in ends
        ]
        self.model.loss = " + ".join(terms)
        judged = {value.text for value in self.values if value.judged}
        named = [name for name, _ in self.model.lines if name not in judged]
        if named:
            self.model.outputs = self.draw(
                st.lists(st.sampled_from(named), max_size=3, unique=True)
            )
        self.model.order = tuple(self.draw(st.lists(st.integers(0, 9), min_size=1, max_size=9)))
        self.model.seed = self.draw(st.integers(0, 99))


@st.composite
def models(draw: Any) -> Model:
    """Random models in which every operation of the language may appear."""
    return Builder(draw).build()

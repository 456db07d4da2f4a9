"""A graph evaluated in plain NumPy, in float64: each operation by its meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphc.constants import namespace
from graphc.dataflow import Graph, Node
from graphc.dims import Dim, Shape, shape_of
from graphc.draft import completed, with_shape
from graphc.op import Attributes, Op, text
from graphc.rules import define

Array = NDArray[Any]


class Value:
    """An array as what the compiler's rules know of a node."""

    def __init__(self, array: Any) -> None:
        self.array = array
        self.shape: Shape = shape_of(*np.shape(array))
        self.number = array if isinstance(array, int | float) else None


class Calculator:
    """Applies operations to arrays at once: a builder for the compiler's own rules.

    `sizes` are the run-time sizes by name, `names` what meanings may refer to beside NumPy.
    """

    def __init__(self, sizes: Mapping[str, int], names: Mapping[str, Any] | None = None) -> None:
        self.sizes = sizes
        self.names = names or {}
        self.values: list[Value] = []

    def __getitem__(self, key: int) -> Value:
        return self.values[key]

    def take(self, array: Any) -> int:
        """The key of an array that is given."""
        self.values.append(Value(array))
        return len(self.values) - 1

    def solved(self, value: Any) -> Any:
        """An attribute with numbers for its run-time sizes."""
        if isinstance(value, Dim):
            return eval(value.code, dict(self.sizes))
        return tuple(map(self.solved, value)) if isinstance(value, tuple | list) else value

    def number(self, value: float | Dim) -> int:
        return self.take(self.solved(value))

    def add(self, op: Op, operands: Sequence[int], attributes: Attributes) -> int:
        shapes = tuple(self[one].shape for one in operands)
        given = {name: self.solved(value) for name, value in attributes.items()}
        complete = completed(op, given, shapes)
        if op.constant is not None:
            return self.number(op.constant(shapes, complete))
        if op.definition:
            return define(op, operands, complete, self, "float64")
        arrays = {name: self[one].array for name, one in zip(op.names, operands, strict=True)}
        shown = {name: repr(self.solved(value)) for name, value in complete.items()}
        shown |= {name: name for name in op.names}
        meaning = text(op.meaning, shapes, with_shape(op, complete, complete.get("shape", ())))
        return self.take(eval(meaning.format(**shown), {**namespace(op), **self.names, **arrays}))


class Evaluation:
    """The values of a graph's nodes by key, each computed when it is first asked for.

    `leaves` are the values of inputs, targets and parameters by name. `stand_ins` leads from leaves
    to the nodes that they stand for. Random numbers are drawn from `rng` in the precision `dtype`.
    """

    def __init__(
        self,
        graph: Graph,
        leaves: Mapping[str, Array],
        sizes: Mapping[str, int],
        stand_ins: Mapping[int, int],
        rng: np.random.Generator,
        dtype: Any,
    ) -> None:
        self.graph = graph
        self.leaves = leaves
        self.stand_ins = stand_ins
        self.calculator = Calculator(sizes, {"rng": rng})
        self.drawing = Calculator(sizes, {"rng": rng, "DTYPE": dtype})
        self.place: dict[int, int] = {}

    def draw(self, keys: set[int]) -> None:
        """Draws the random numbers among some nodes, in the order of the graph, as a step does."""
        for node in self.graph.nodes:
            if node.key in keys and node.op is not None and node.drawn:
                one = self.drawing.add(node.op, (), node.attributes)
                self.place[node.key] = self.calculator.take(self.drawing[one].array)

    def __getitem__(self, key: int) -> Array:
        todo = [key]
        with np.errstate(all="ignore"):
            while todo:
                node = self.graph[todo[-1]]
                if node.key in self.stand_ins:
                    needed: Sequence[int] = [self.stand_ins[node.key]]
                else:
                    needed = node.operands
                missing = [one for one in needed if one not in self.place]
                todo += missing
                if not missing:
                    todo.pop()
                    self.place[node.key] = self._made(node)
        return np.asarray(self.calculator[self.place[key]].array)

    def _made(self, node: Node) -> int:
        if node.key in self.place:
            return self.place[node.key]
        if node.key in self.stand_ins:
            return self.place[self.stand_ins[node.key]]
        if node.op is not None:
            operands = [self.place[one] for one in node.operands]
            return self.calculator.add(node.op, operands, node.attributes)
        if node.number is not None:
            return self.calculator.number(node.number)
        assert node.leaf is not None
        start = node.leaf.value if node.leaf.kind == "const" else None
        fixed = start and (start.values if start.values is not None else start.arguments[0])
        array = np.asarray(self.leaves[node.leaf.name] if start is None else fixed)
        wide = array if array.dtype.kind in "biu" else array.astype(np.float64)
        return self.calculator.take(np.broadcast_to(wide, self.calculator.solved(node.shape)))

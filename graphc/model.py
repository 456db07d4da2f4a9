"""What a compiled model is, told in plain values: its data, parameters, outputs and memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphc.compared import Comparison
from graphc.copies import copied
from graphc.dataflow import Graph, Node
from graphc.dims import Dim, size
from graphc.integers import classes
from graphc.measured import BOUNDARY
from graphc.phases import EVALUATE, PREDICT, TRAIN
from graphc.plan import Plan
from graphc.rooms import Array

BYTES = {"float32": 4, "float64": 8, "int": 8, "bool": 1}


@dataclass(frozen=True)
class Data:
    """One input or target, in the order of the Trainer's arguments: inputs, then targets."""

    name: str
    kind: str  # "input" or "target"
    integer: bool
    shape: tuple[int | str, ...]  # a string is a run-time dimension
    classes: int | None  # integer data: valid values are 0 .. classes - 1, if that is known


@dataclass(frozen=True)
class Parameter:
    """One trainable array; `start` is how it begins, as Python over `rng`."""

    name: str
    shape: tuple[int, ...]
    frozen: bool

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class Model:
    """A compiled model's face."""

    name: str
    dtype: str
    data: tuple[Data, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[str, ...]
    defaults: Mapping[str, int | bool]
    held: int  # bytes of a trainer: parameters, gradient and what the optimizer keeps
    constants: int  # bytes of the module's own arrays
    step: Dim  # bytes of the arrays of one step beside these, by the run-time sizes
    prediction: Dim  # bytes of the arrays of one prediction
    copies: tuple[Dim, Dim]  # bytes that one statement of a step, of a prediction, copies
    forward: Mapping[str, str]  # how each output, and the loss, is computed
    compared: tuple[Comparison, ...]  # the outputs that the loss compares with data

    @property
    def step_peak(self) -> Dim:
        """Bytes at the peak of a step, trainer and module included, by the run-time sizes."""
        return self.step + self.copies[0] + Dim.of(self.held + self.constants)

    @property
    def prediction_peak(self) -> Dim:
        """Bytes at the peak of a prediction beside the trainer's and the outputs' copies."""
        return self.prediction + self.copies[1]

    def memory(self, batch: int, **others: int) -> int:
        """Bytes at the peak of a step on `batch` rows. Other run-time sizes are 1 if not given."""
        return at(self.step_peak, batch, **others)


def described(
    plan: Plan,
    update: Plan,
    evaluation: Plan | None = None,
    *,
    forward: Mapping[str, str] | None = None,
    compared: tuple[Comparison, ...] = (),
) -> Model:
    """The face of a planned model, and of its evaluation if that has a plan of its own.

    `forward` tells how outputs and loss are computed, `compared` what the loss compares, both as
    the user wrote it.
    """
    graph, settings = plan.graph, plan.graph.settings
    parameters, learnt = parameters_of(graph), trained(graph)
    everything = [sum(one.size for one in parameters)] * 2
    everything += [learnt] * (len(update.states) + update.masked)
    kept = sum(one * BYTES[settings.dtype] + BOUNDARY for one in everything)
    scratch = bytes_of(update.arrays, settings.dtype)
    return Model(
        settings.name,
        settings.dtype,
        data_of(graph),
        parameters,
        tuple((evaluation or plan).graph.outputs),
        settings.train,
        kept + sum(n * (learnt if names else 1) for names, n in scratch.terms),
        _constants(plan, *([evaluation] if evaluation else [])),
        bytes_of(plan.arrays, settings.dtype),
        bytes_of((evaluation or plan).prediction.arrays, settings.dtype),
        (_copied(plan, TRAIN), _copied(evaluation or plan, {*PREDICT, *EVALUATE})),
        forward or {},
        compared,
    )


def _constants(*plans: Plan) -> int:
    sizes: dict[str, int] = {}
    for plan in plans:
        for key in plan.constants:
            kind = "int" if key in plan.integers else plan.graph.settings.dtype
            sizes[plan.names[key]] = (size(plan.graph[key].shape).known or 0) * BYTES[kind]
    return sum(sizes.values())


def _copied(plan: Plan, names: Iterable[str]) -> Dim:
    keys = [key for name in names for key in plan.functions.get(name, ())]
    return copied(plan.graph, keys) * Dim.of(BYTES[plan.graph.settings.dtype])


def at(dim: Dim, batch: int, **others: int) -> int:
    """A size at `batch` rows; other run-time sizes are 1 if not given."""
    sizes = {**others, "batch": batch}
    return sum(
        factor * math.prod(sizes.get(name, 1) for name in names) for names, factor in dim.terms
    )


def bytes_text(count: float) -> str:
    """A number of bytes as a text: `868 bytes`, `9.11 kB`."""
    if count < 1000:
        return f"{count:.0f} bytes"
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 1000:
            return f"{count:.3g} {unit}"
    return f"{count / 1000:.3g} TB"


def bytes_of(arrays: Sequence[Array], dtype: str) -> Dim:
    """The bytes of arrays, each on a boundary; one that shows a number holds that alone."""
    total = Dim.of(BOUNDARY * sum(not array.seen for array in arrays))
    for array in arrays:
        each = Dim.of(BYTES[dtype if array.dtype == "float" else array.dtype])
        total += each if array.seen else array.size * each
    return total


def trained(graph: Graph) -> int:
    """How many numbers are learnt."""
    return sum(one.size for one in parameters_of(graph) if not one.frozen)


def data_of(graph: Graph) -> tuple[Data, ...]:
    """Inputs, then targets, each in the order of the text."""
    return tuple(
        Data(node.leaf.name, kind, node.leaf.integer, _sizes(node), classes(graph, node))
        for kind in ("input", "target")
        for node in graph.leaves(kind)
        if node.leaf is not None
    )


def parameters_of(graph: Graph) -> tuple[Parameter, ...]:
    """The trained parameters, then the frozen ones, each in the order of the text."""
    found = [
        Parameter(n.leaf.name, tuple(dim.known or 0 for dim in n.shape), n.leaf.frozen)
        for n in graph.leaves("param")
        if n.leaf is not None
    ]
    return tuple(sorted(found, key=lambda one: one.frozen))


def _sizes(node: Node) -> tuple[int | str, ...]:
    return tuple(dim.known if dim.known is not None else dim.code for dim in node.shape)

"""ONNX operators in the words of graphc: what a node becomes in a `.nn` model."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import onnx_layers as layers
from onnx_vectors import Body, Vector, refuse

Rule = str | Callable[[Vector], str | Body]


def joined(operation: str) -> Rule:
    """An operation of two operands over any number of them."""

    def rule(vector: Vector) -> str:
        text = "x1"
        for number in range(2, len(vector.inputs) + 1):
            text = operation.format(text, f"x{number}")
        return text

    return rule


def reduced(operation: str) -> Rule:
    """Along the axes in the second input, or the attribute that they once were."""

    def rule(vector: Vector) -> str:
        axes = vector.whole(2, "axes") or None
        if axes is None and vector.attributes.get("noop_with_empty_axes"):
            return {"sum(x1, {})": "x1"}[operation]
        keep = "true" if vector.attributes["keepdims"] else "false"
        return operation.format(f"axis = {axes or 'none'}, keepdims = {keep}")

    return rule


def over_images(operation: str) -> Rule:
    """Along all axes behind that of the channels."""
    return lambda v: f"{operation}(x1, axis = {list(range(2, len(v.shape())))}, keepdims = true)"


def clip(vector: Vector) -> str:
    """With both bounds in order by `clip`, else by one side after the other."""
    if vector.has(2) and vector.has(3) and vector.inputs[1] <= vector.inputs[2]:
        return f"clip(x1, {vector.inputs[1]!s}, {vector.inputs[2]!s})"
    text = "maximum(x1, x2)" if vector.has(2) else "x1"
    return f"minimum({text}, x3)" if vector.has(3) else text


def gemm(vector: Vector) -> str:
    at = vector.attributes
    a, b = ("x1", "x1.T")[at["transA"]], ("x2", "x2.T")[at["transB"]]
    return f"{at['alpha']} * {a} @ {b}" + (f" + {at['beta']} * x3" if vector.has(3) else "")


def reshape(vector: Vector) -> str:
    wanted, allowzero = vector.whole(2), vector.attributes["allowzero"]
    sizes = [
        vector.shape()[i] if not one and not allowzero else one for i, one in enumerate(wanted)
    ]
    return f"reshape(x1, {sizes})"


def split(vector: Vector) -> Body:
    axis, count = vector.attributes["axis"], len(vector.outputs)
    size = -(-vector.shape()[axis] // count)
    ends = np.cumsum([0, *(vector.whole(2, "split") or [size] * count)])
    ends = np.minimum(ends, vector.shape()[axis])
    refuse(bool((np.diff(ends) == 0).any()), "arrays without elements")
    parts = (f"slice(x1, {a}, {b}, axis = {axis})" for a, b in pairwise(ends))
    return Body(tuple(parts))


def flatten(vector: Vector) -> str:
    axis, shape = vector.attributes["axis"], vector.shape()
    return "flatten(x1)" if axis == 1 else f"reshape(x1, [{int(np.prod(shape[:axis]))}, -1])"


def concat(vector: Vector) -> str:
    parts = ", ".join(f"x{number}" for number in range(1, len(vector.inputs) + 1))
    return f"concat({parts}, axis = {vector.attributes['axis']})"


def sliced(vector: Vector) -> str:
    starts, stops = vector.whole(2), vector.whole(3)
    axes = vector.whole(4) or range(len(starts))
    steps = vector.whole(5) or [1] * len(starts)
    text = "x1"
    for start, stop, axis, step in zip(starts, stops, axes, steps, strict=True):
        refuse(step < 1, "a slice that runs backwards")
        start, stop, _ = slice(start, stop).indices(vector.shape()[axis])
        text = f"slice({text}, {start}, {stop}, step = {step}, axis = {axis})"
    return text


def squeeze(vector: Vector) -> str:
    return f"squeeze(x1, {vector.whole(2)})"


def unsqueeze(vector: Vector) -> str:
    return f"expand_dims(x1, {vector.whole(2)})"


def transpose(vector: Vector) -> str:
    axes = vector.attributes.get("perm")
    return f"transpose(x1, {axes})" if axes else "x1.T"


def expand(vector: Vector) -> str:
    shape = np.broadcast_shapes(vector.shape(), tuple(vector.whole(2)))
    return f"broadcast(x1, {list(shape)})"


def gelu(vector: Vector) -> str:
    tanh = vector.attributes["approximate"] == "tanh"
    return f"gelu(x1, {'true' if tanh else 'false'})"


def swish(vector: Vector) -> str:
    alpha = vector.attributes["alpha"]
    return "silu(x1)" if alpha == 1 else f"x1 * sigmoid({alpha} * x1)"


def mean(vector: Vector) -> str:
    count = len(vector.inputs)
    return f"({' + '.join(f'x{number}' for number in range(1, count + 1))}) / {count}"


def first(axis: int, rank: int) -> list[int]:
    """The order of axes with one of them in front."""
    return [axis, *(one for one in range(rank) if one != axis)]


def gather(vector: Vector) -> str:
    """Rows of a table: the axis in front, all others as one, and back."""
    shape, axis = vector.shape(), vector.attributes["axis"]
    refuse(min(vector.whole(2)) < 0, "a whole number below 0 as an index")
    rest, ids = [*shape[:axis], *shape[axis + 1 :]], vector.shape(2)
    table = f"reshape(transpose(x1, {first(axis, len(shape))}), [{shape[axis]}, -1])"
    rows = f"reshape(embedding(i2, {table}), {[*ids, *rest]})"
    order = list(range(len(ids), len(ids) + len(rest)))
    order[axis:axis] = range(len(ids))
    return f"transpose({rows}, {order})"


def one_hot(vector: Vector) -> str:
    classes, axis, rank = vector.whole(2)[0], vector.attributes["axis"], len(vector.shape()) + 1
    labels = vector.whole(1)
    refuse(min(labels) < 0 or max(labels) >= classes, "a class number outside the classes")
    order = list(range(rank - 1))
    order.insert(axis % rank, rank - 1)
    off, on = (f"slice(x3, {one}, {one + 1})" for one in (0, 1))
    return f"transpose(one_hot(i1, {classes}), {order}) * ({on} - {off}) + {off}"


OPERATORS: dict[str, Rule] = {
    "Abs": "abs(x1)",
    "Add": "x1 + x2",
    "Attention": layers.attention,
    "AveragePool": layers.avg_pool,
    "BatchNormalization": layers.batch_norm,
    "Ceil": "-floor(-x1)",
    "Celu": "{alpha} * elu(x1 / {alpha})",
    "Clip": clip,
    "Concat": concat,
    "Conv": layers.conv,
    "Cos": "cos(x1)",
    "Div": "x1 / x2",
    "Dropout": layers.dropout,
    "Elu": "elu(x1, {alpha})",
    "Equal": "equal(x1, x2)",
    "Erf": "erf(x1)",
    "Exp": "exp(x1)",
    "Expand": expand,
    "Flatten": flatten,
    "Floor": "floor(x1)",
    "Gather": gather,
    "Gelu": gelu,
    "Gemm": gemm,
    "GlobalAveragePool": over_images("mean"),
    "GlobalMaxPool": over_images("max"),
    "Greater": "greater(x1, x2)",
    "GreaterOrEqual": "1 - less(x1, x2)",
    "HardSigmoid": "clip({alpha} * x1 + {beta}, 0, 1)",
    "HardSwish": "x1 * clip(x1 / 6 + 0.5, 0, 1)",
    "Identity": "x1",
    "InstanceNormalization": layers.instance_norm,
    "LayerNormalization": layers.layer_norm,
    "LeakyRelu": "leaky_relu(x1, {alpha})",
    "Less": "less(x1, x2)",
    "LessOrEqual": "1 - greater(x1, x2)",
    "Log": "log(x1)",
    "LogSoftmax": "log_softmax(x1, {axis})",
    "MatMul": "x1 @ x2",
    "Max": joined("maximum({}, {})"),
    "MaxPool": layers.max_pool,
    "Mean": mean,
    "Min": joined("minimum({}, {})"),
    "Mish": "x1 * tanh(softplus(x1))",
    "Mul": "x1 * x2",
    "Neg": "-x1",
    "NegativeLogLikelihoodLoss": layers.likelihood,
    "OneHot": one_hot,
    "PRelu": "maximum(x1, 0) + x2 * minimum(x1, 0)",
    "Pow": "x1 ** x2",
    "RMSNormalization": layers.rms_norm,
    "Reciprocal": "1 / x1",
    "ReduceL1": reduced("sum(abs(x1), {})"),
    "ReduceL2": reduced("norm(x1, {})"),
    "ReduceLogSum": reduced("log(sum(x1, {}))"),
    "ReduceLogSumExp": reduced("logsumexp(x1, {})"),
    "ReduceMax": reduced("max(x1, {})"),
    "ReduceMean": reduced("mean(x1, {})"),
    "ReduceMin": reduced("min(x1, {})"),
    "ReduceSum": reduced("sum(x1, {})"),
    "ReduceSumSquare": reduced("sum(square(x1), {})"),
    "Relu": "relu(x1)",
    "Reshape": reshape,
    "Selu": "{gamma} * elu(x1, {alpha})",
    "Sigmoid": "sigmoid(x1)",
    "Sign": "sign(x1)",
    "Sin": "sin(x1)",
    "Slice": sliced,
    "Softmax": "softmax(x1, {axis})",
    "SoftmaxCrossEntropyLoss": layers.likelihood,
    "Softplus": "softplus(x1)",
    "Softsign": "x1 / (1 + abs(x1))",
    "Split": split,
    "Sqrt": "sqrt(x1)",
    "Squeeze": squeeze,
    "Sub": "x1 - x2",
    "Sum": joined("{} + {}"),
    "Swish": swish,
    "Tan": "sin(x1) / cos(x1)",
    "Tanh": "tanh(x1)",
    "ThresholdedRelu": "x1 * greater(x1, {alpha})",
    "Transpose": transpose,
    "Unsqueeze": unsqueeze,
    "Where": "where(x1, x2, x3)",
}

"""ONNX's losses, convolutions, normalisations and attention in the words of graphc."""

from __future__ import annotations

import numpy as np
from onnx_vectors import Body, Vector, refuse


def likelihood(vector: Vector) -> Body:
    """Classes are axis 1 there and the last one here."""
    shape, labels, ignored = vector.shape(), vector.whole(2), vector.attributes.get("ignore_index")
    classes = shape[1]
    refuse(min(labels) < 0 or max(labels) >= classes, "a class number outside the classes")
    last = [0, *range(2, len(shape)), 1]
    logits, plain = f"transpose(x1, {last})", not vector.has(3) and ignored is None
    kept = [0 if one == ignored else 1 for one in range(classes)]
    lines = f"const kept = {kept}\nrows = one_hot(i2, {classes}) * kept"
    lines += " * x3\n" if vector.has(3) else "\n"
    outputs: tuple[str, ...] = ()
    if vector.operator == "NegativeLogLikelihoodLoss":
        lines += f"losses = -sum(rows * {logits}, axis = -1)\n"
    elif plain:
        lines = f"losses = softmax_cross_entropy({logits}, i2)\n"
    else:
        lines += f"losses = -sum(rows * log_softmax({logits}), axis = -1)\n"
    if len(vector.outputs) == 2:
        outputs = ("log_softmax(x1, axis = 1)",)
    mean = "mean(losses)" if plain else "sum(losses) / sum(rows)"
    reduction = {"none": "losses", "sum": "sum(losses)", "mean": mean}
    return Body((reduction[vector.attributes["reduction"]], *outputs), lines)


def dropout(vector: Vector) -> str:
    """In evaluation, and in training at a rate of 0."""
    rate = float(vector.inputs[1]) if vector.has(2) else vector.attributes.get("ratio", 0.5)
    training = vector.has(3) and bool(vector.inputs[2])
    refuse(training and rate > 0, "dropout in training: other random numbers")
    refuse(len(vector.outputs) > 1, "the mask of a dropout")
    return f"dropout(x1, {rate})"


def window(vector: Vector) -> str:
    """Size, stride and padding of an operation on images."""
    at, size = vector.attributes, len(vector.shape()) - 2
    refuse(size != 2, "windows that are not of two axes")
    refuse(max(at.get("dilations") or [1]) > 1, "dilated windows")
    refuse(at.get("group", 1) > 1, "convolutions in groups")
    refuse(bool(at.get("ceil_mode")), "windows that stand over the edge")
    stride = at.get("strides") or [1, 1]
    pads = at.get("pads") or [0] * 4
    if at.get("auto_pad", "NOTSET").startswith("SAME"):
        sides = zip(vector.shape()[2:], at["kernel_shape"], stride, strict=True)
        total = [max((-(-n // step) - 1) * step + k - n, 0) for n, k, step in sides]
        refuse(any(one % 2 for one in total), "padding of two widths along one axis")
        pads = [one // 2 for one in total] * 2
    refuse(pads[:2] != pads[2:], "padding of two widths along one axis")
    pooled = "Pool" in vector.operator
    most = max(2 * pad - size for pad, size in zip(pads, at["kernel_shape"] * 2, strict=True))
    refuse(pooled and most > 0, "padding of more than half a window")
    return f"stride = {stride}, padding = {pads[:2]}"


def conv(vector: Vector) -> str:
    bias = " + expand_dims(x3, [1, 2])" if vector.has(3) else ""
    return f"conv2d(x1, x2, {window(vector)}){bias}"


def max_pool(vector: Vector) -> str:
    refuse(len(vector.outputs) > 1, "the places of the largest")
    return f"max_pool2d(x1, {vector.attributes['kernel_shape']}, {window(vector)})"


def avg_pool(vector: Vector) -> str:
    """Padding that does not count is divided out again."""
    text = f"avg_pool2d({{}}, {vector.attributes['kernel_shape']}, {window(vector)})"
    counted = vector.attributes["count_include_pad"] or "padding = [0, 0]" in text
    ones = f"broadcast(1, {list(vector.shape())})"
    return text.format("x1") + ("" if counted else f" / {text.format(ones)}")


def layer_norm(vector: Vector) -> Body:
    axes = list(range(len(vector.shape())))[vector.attributes["axis"] :]
    epsilon = vector.attributes["epsilon"]
    lines = f"m = mean(x1, {axes}, true)\nv = mean(square(x1 - m), {axes}, true)\n"
    y = f"normalise(x1, axis = {axes}, epsilon = {epsilon}) * x2" + " + x3" * vector.has(3)
    return Body((y, "m", f"1 / sqrt(v + {epsilon})")[: len(vector.outputs)], lines)


def instance_norm(vector: Vector) -> str:
    axes = list(range(2, len(vector.shape())))
    behind, epsilon = list(range(1, len(axes) + 1)), vector.attributes["epsilon"]
    wide = [f"expand_dims(x{number}, {behind})" for number in (2, 3)]
    return f"normalise(x1, axis = {axes}, epsilon = {epsilon}) * {wide[0]} + {wide[1]}"


def rms_norm(vector: Vector) -> str:
    axes = list(range(len(vector.shape())))[vector.attributes["axis"] :]
    return f"x1 / sqrt(mean(square(x1), {axes}, true) + {vector.attributes['epsilon']}) * x2"


def batch_norm(vector: Vector) -> str:
    """ONNX's momentum weighs what was, that of graphc what is new."""
    momentum, epsilon = vector.attributes["momentum"], vector.attributes["epsilon"]
    return f"normalise_batch(x1, x2, x3, p4, p5, momentum = {1 - momentum}, epsilon = {epsilon})"


def attention(vector: Vector) -> Body:
    """graphc's own block, with a mask that says all that ONNX does to the scores."""
    at, split = vector.attributes, len(vector.shape()) == 3
    hidden_shown = len(vector.outputs) == 4 and np.isinf(vector.outputs[3]).any()
    refuse(hidden_shown, "hidden scores shown: -inf there, -1e9 here")
    refuse(vector.has(7), "attention to a padded cache of keys")
    past = vector.shape(5)[2] if vector.has(5) else 0
    lines, shapes = "", {}
    for name, number in (("q", 1), ("k", 2), ("v", 3)):
        new, shape = f"x{number}", vector.shape(number)
        if split:
            heads = at["q_num_heads" if name == "q" else "kv_num_heads"]
            new = f"split_heads({new}, {heads})"
            shape = (shape[0], heads, shape[1], shape[2] // heads)
        if past and name != "q":
            new = f"concat(x{number + 3}, {new}, axis = 2)"
            shape = (*shape[:2], shape[2] + past, shape[3])
        lines += f"{name} = {new}\n"
        shapes[name] = shape
    if "scale" in at:  # the block divides by the root of the width
        lines = lines.replace("q = ", f"q = {at['scale'] * shapes['q'][3] ** 0.5} * ")
    groups = shapes["q"][1] // shapes["k"][1]
    k, v = (grouped(one, groups, shapes[one]) for one in "kv")
    hide, blocks = hiding(vector, shapes["q"][2], past, shapes["k"][2])
    lines += f"{blocks}h = attention(q, {k}, {v}, {hide})\n"
    y = "flatten(transpose(h, [0, 2, 1, 3]), 2)" if split else "h"
    hidden = hide.replace("hide(", "hide(h.scores, ") if "(" in hide else f"{hide}(h.scores)"
    shown = ("h.scores", "capped(h.scores)", hidden, "h.weights")[at["qk_matmul_output_mode"]]
    pairs = zip((y, "k", "v", shown), vector.outputs, strict=False)
    return Body(tuple(said for said, wanted in pairs if wanted is not None), lines)


def grouped(name: str, groups: int, shape: tuple[int, ...]) -> str:
    """Every head of the keys or values as often as heads of the queries share it."""
    if groups == 1:
        return name
    wide = [*shape[:2], groups, *shape[2:]]
    joined = [shape[0], shape[1] * groups, *shape[2:]]
    return f"reshape(broadcast(expand_dims({name}, 2), {wide}), {joined})"


def hiding(vector: Vector, rows: int, past: int, columns: int) -> tuple[str, str]:
    """The mask of an attention, and the blocks that it is made of."""
    at = vector.attributes
    behind = np.arange(rows)[:, None] + past - np.arange(columns)
    left, right = at.get("left_window_size", -1), at.get("right_window_size", -1)
    allowed = (behind >= 0) | (not at["is_causal"])
    allowed &= ((behind <= left) | (left < 0)) & ((behind >= -right) | (right < 0))
    text, consts, seen = "s", "", allowed
    if at["softcap"]:
        text = f"{at['softcap']} * tanh(s / {at['softcap']})"
    blocks = f"block capped(s) {{\nreturn {text}\n}}\n"
    text = "capped(s)"
    if vector.has(4):
        truths = vector.inputs[3].dtype == bool
        text = f"masked({text}, m)" if truths else f"{text} + m"
        seen = allowed & (vector.inputs[3] if truths else np.isfinite(vector.inputs[3]))
    refuse(not seen.any(axis=-1).all(), "a row hidden as a whole: 0 there, the mean here")
    if np.array_equal(allowed, behind >= 0) and columns - rows == past:
        text = f"causal({text})"
    elif not allowed.all():
        consts = f"const allowed = {allowed.astype(int).tolist()}\n"
        text = f"masked({text}, allowed)"
    if text == "capped(s)" and not at["softcap"]:
        return "identity", blocks
    head, use = ("hide(s, m)", "hide(x4)") if vector.has(4) else ("hide(s)", "hide")
    return use, f"{blocks}block {head} {{\n{consts}return {text}\n}}\n"

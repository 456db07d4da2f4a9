"""What large random models are made of, beside `expressions.py`: operations, layers, optimizers.

A piece is the text of an expression over `{x}`; its shape is told where the piece is used.
"""

from __future__ import annotations

from random import Random

# whose slope has a jump: the operand is moved, so that what is equal by chance is not at it
KINKED = ("relu(", "abs(", "elu(", "leaky_relu(", "where(", "sqrt(abs(", "minimum(", "maximum(")

SAME = [  # of any shape, which stays
    "floor(2 * {x} + 0.213)",
    "sign({x} - 0.1237)",
    "greater({x}, 0.1237) * {x}",
    "less(0.1237, {x}) * {x}",
    "equal({x}, maximum({x}, 0.1237))",
    "equal(floor({x} - 0.213), -1)",
    "{x} * stop_gradient({x})",
    "stop_gradient({x}) + 0.5 * {x}",
    "dropout({x})",
    "dropout({x}, rate = 0.2)",
    "identity({x})",
    "{x} / size({x})",
    "mean({x}) + {x}",
    "{x} - sum({x}) / size({x})",
    "broadcast({x}, [SHAPE])",
]
AXIS = [  # along an axis A, which stays
    "softmax({x}, A)",
    "log_softmax({x}, A)",
    "normalise({x}, A, epsilon = 0.5)",
    "{x} / (norm({x}, A, true) + 1)",
    "{x} - max({x} - 0.01 * square({x}), A, true)",
    "{x} - min({x} + 0.01 * square({x}), A, true)",
    "logsumexp({x}, A, true) - {x}",
    "{x} - mean({x}, axis = A, keepdims = true)",
    "squeeze(expand_dims({x}, A), A)",
    "matrix_transpose(matrix_transpose({x}))",
    "causal({x}, fill = 0.25)",
    "masked({x}, less({x}, 0.531), fill = -0.5)",
]
ROWS = [  # of [rows, K], where K is a number: the widths are W
    ("{x} |> dense(W)", "W"),
    ("mlp({x}, W, tanh)", "W"),
    ("{x} |> mlp(W)", "W"),
    ("{x} |> residual(3)", "K"),
    ("residual({x}, 2, silu)", "K"),
    ("{x} |> repeat(2, residual(W, tanh))", "K"),
    ("layer_norm({x}, 0.5)", "K"),
    ("{x} |> batch_norm(epsilon = 0.5)", "K"),
    ("batch_norm({x}, 0.3, 0.5)", "K"),
    ("rnn_cell({x}, dense({x}, W), W)", "W"),
    ("{x} @ transpose({x}) @ {x} / size({x})", "K"),
    ("{x} @ [[CONST]]", "W"),
    ("dense({x}, 3) |> elu |> dense(W)", "W"),
]
SEQUENCES = [  # of [batch, time, 4]
    "{x} |> self_attention(4, 2)",
    "self_attention({x}, 4, 1, causal)",
    "attention({x}, {x}, {x}, causal)",
    "attention({x}, dense({x}, 4), {x})",
    "attention({x}, {x}, tanh({x}), masked(lower))",
    "transformer_block({x}, 4, 2, 3)",
    "{x} |> repeat(2, transformer_block(4, 2, 3, causal))",
    "{x} |> layer_norm(0.5)",
    "{x} |> split_heads(2) |> transpose([0, 2, 1, 3]) |> flatten(2)",
    "unflatten({x}, 2, 2) |> transpose([0, 1, 3, 2]) |> flatten(start = 2)",
]
IMAGES = [  # of [n, C, 4, 4], and how many channels and rows there are afterwards
    ("{x} |> convolution(2)", "2", 4),
    ("convolution({x}, 3, size = 2, stride = 2, padding = 0)", "3", 2),
    ("conv2d({x}, FILTER, padding = 1)", "2", 4),
    ("conv2d({x}, FILTER, stride = [2, 1], padding = [1, 1]) |> slice(0, 2, axis = 3)", "2", 2),
    ("max_pool2d({x}, 2)", "C", 2),
    ("max_pool2d({x}, size = 3, stride = 1, padding = 1)", "C", 4),
    ("avg_pool2d({x}, 2)", "C", 2),
    ("avg_pool2d({x}, size = 3, stride = 1, padding = 1)", "C", 4),
    ("{x} |> batch_norm(epsilon = 0.5)", "C", 4),
]
COMPARED = [  # with a target {t} of the same shape
    "mse({x}, {t})",
    "0.1 * sse({x}, {t})",
    "0.1 * half_sse({x}, {t})",
    "mae({x}, {t})",
    "huber({x}, {t}, delta = 0.613)",
    "huber({x}, {t})",
    "mean(square(error({x}, {t})))",
    "bce_with_logits({x}, sigmoid({t}))",
    "mean(sigmoid_cross_entropy({x}, square({t})))",
    "binary_cross_entropy(sigmoid({x}), square({t}))",
    "mean(log_loss(0.1 + 0.8 * sigmoid({x}), square({t})))",
]
LABELLED = [  # with class numbers {t}
    "cross_entropy({x}, {t})",
    "mean(softmax_cross_entropy({x}, {t}))",
    "mean(softmax_cross_entropy({x}, one_hot({t}, K)))",
    "cross_entropy(softmax({x}), {t})",
    "mse({x}, one_hot({t}, classes = K))",
]
PENALTIES = ["0.01 * l1({p} - 0.0137)", "0.01 * l2({p})", "0.01 * norm({p} + 0.1)"]
OWN = """
block own(x, units) {
    param G : [_, units] = normal(0.5)
    dim half = 2 * units
    const c = 0.7
    h = x @ G
    return h * sigmoid(c * h) / half
}

update mine(learning_rate = 0.1, friction = 0.9) {
    state v = 0
    state most = 0.1
    most' = maximum(friction * most, norm(gradient))
    v' = friction * v + gradient / (most' + 1)
    parameter' = parameter - learning_rate * v' - 0.001 * matrices * parameter * mean(abs(v))
}
"""


def rate(random: Random) -> str:
    """A learning rate: a number, or a schedule."""
    return random.choice(
        [
            "0.01",
            "0.02 / (1 + 0.1 * step)",
            "cosine_decay(0.02, steps = 5)",
            "cosine_decay(0.02, 2, least = 0.001)",
            "step_decay(0.02, every = 1)",
            "step_decay(0.02, 2, factor = 0.5)",
            "exponential_decay(0.02)",
            "exponential_decay(0.02, factor = 0.5)",
            "warmup(0.02, steps = 2)",
            "warmup(cosine_decay(0.02, 6), steps = 2)",
        ]
    )


ARGUMENTS = {  # of each update, one of
    "sgd": ["", "momentum = 0.9", "momentum = 0.9, nesterov = true", "weight_decay = 0.1"],
    "momentum": ["", "mu = 0.5"],
    "adagrad": ["epsilon = 1e-3", "learning_rate_decay = 0.1, weight_decay = 0.1"],
    "rmsprop": ["epsilon = 1e-3", "momentum = 0.9, alpha = 0.9", "weight_decay = 0.1 * matrices"],
    "adam": ["epsilon = 1e-3", "beta1 = 0.5, beta2 = 0.9", "weight_decay = 0.1"],
    "adamw": ["epsilon = 1e-3", "weight_decay = 0.1 * matrices"],
    "lion": ["", "beta1 = 0.5, weight_decay = 0.1"],
    "mine": ["", "friction = 0.5"],
}


def optimizer(random: Random) -> str:
    """A use of an optimizer: its rate, arguments of its own, and what is done to the gradient."""
    name = random.choice(list(ARGUMENTS))
    given = [f"learning_rate = {rate(random)}", random.choice(ARGUMENTS[name])]
    given.append(random.choice(["", "", "clip_norm = 0.5", "clip_value = 0.03"]))
    return f"{name}({', '.join(one for one in given if one)})"

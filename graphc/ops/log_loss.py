"""-(y log(p) + (1 - y) log(1 - p)) for probabilities p, element by element.

A logarithm is never taken as less than -100, and the slope's denominator p (1 - p) never as less
than 1e-12, so both stay finite where p is 0 or 1 (PyTorch's convention).
"""

from graphc.op import Op, given
from graphc.shaping import paired

LEAST = 3.720075976020836e-44  # exp(-100)

log_loss = Op(
    "log_loss",
    "p, y",
    shape=paired,
    result="loss",
    definition=f"""
        yes = log(maximum(p, {LEAST})), no = log(maximum(1 - p, {LEAST})),
        loss = -(y * yes + (1 - y) * no)
    """,
    adjoint=f"""
        dp = dloss * ((p - y) / maximum(p * (1 - p), 1e-12)),
        yes = log(maximum(p, {LEAST})), no = log(maximum(1 - p, {LEAST})),
        dy = dloss * (no - yes)
    """,
    taught="dp = dloss * (p - y) / (p * (1 - p)), dy = dloss * (log(1 - p) - log(p))",
    stable=("log_loss(sigmoid(z), y) = sigmoid_cross_entropy(z, y)",),
    takes_probabilities="p",
    truth="y",
    domain={"p": (0.1, 0.9), "y": (0.0, 1.0)},
    finite={"p": (1e-30, 1 - 6e-8), "y": (0.0, 1.0)},
    samples=[given((3, 4), (3, 4)), given((5,), (5,)), given((), ())],
)

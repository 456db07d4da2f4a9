"""The mean of -(y log(p) + (1 - y) log(1 - p)) for probabilities p.

A logarithm is never taken as less than -100, and the slope's denominator p (1 - p) never as less
than 1e-12, so both stay finite where p is 0 or 1 (PyTorch's convention).
"""

from graphc.op import Op, given
from graphc.shaping import alike

LEAST = 3.720075976020836e-44  # exp(-100)

binary_cross_entropy = Op(
    "binary_cross_entropy",
    "p, y",
    shape=alike,
    result="loss",
    definition=f"""
        yes = log(maximum(p, {LEAST})), no = log(maximum(1 - p, {LEAST})),
        loss = -mean(y * yes + (1 - y) * no)
    """,
    adjoint=f"""
        dp = dloss / size(p) * ((p - y) / maximum(p * (1 - p), 1e-12)),
        yes = log(maximum(p, {LEAST})), no = log(maximum(1 - p, {LEAST})),
        dy = dloss / size(p) * (no - yes)
    """,
    domain={"p": (0.1, 0.9), "y": (0.0, 1.0)},
    samples=[given((3, 4), (3, 4)), given((5,), (5,)), given((), ())],
)

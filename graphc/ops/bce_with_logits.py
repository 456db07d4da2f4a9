"""Binary cross-entropy of sigmoid(z), straight from z.

The mean of max(z, 0) - z y + log(1 + exp(-|z|)), which is finite for every z.
"""

from graphc.op import Op, given
from graphc.shaping import alike

bce_with_logits = Op(
    "bce_with_logits",
    "z, y",
    shape=alike,
    result="loss",
    definition="loss = mean(maximum(z, 0) - z * y + log1p(exp(-abs(z))))",
    adjoint="n = size(z), dz = dloss / n * (sigmoid(z) - y), dy = dloss / n * -z",
    domain={"y": (0.0, 1.0)},
    takes_logits="z",
    samples=[given((3, 4), (3, 4)), given((5,), (5,)), given((), ())],
)

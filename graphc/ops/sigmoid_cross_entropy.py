"""The binary cross-entropy of sigmoid(z), element by element, straight from z.

max(z, 0) - z y + log(1 + exp(-|z|)), which is finite for every z.
"""

from graphc.op import Op, given
from graphc.shaping import paired

sigmoid_cross_entropy = Op(
    "sigmoid_cross_entropy",
    "z, y",
    shape=paired,
    result="loss",
    definition="loss = maximum(z, 0) - z * y + log1p(exp(-abs(z)))",
    adjoint="dz = dloss * (sigmoid(z) - y), dy = dloss * -z",
    finite={"y": (0.0, 1.0)},
    domain={"y": (0.0, 1.0)},
    takes_logits="z",
    truth="y",
    samples=[given((3, 4), (3, 4)), given((5,), (5,)), given((), ())],
)

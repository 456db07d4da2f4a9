"""log(1 + exp(x)), as max(x, 0) + log1p(exp(-|x|)), which is finite for every x."""

from graphc.op import Op, given
from graphc.shaping import same

softplus = Op(
    "softplus",
    "x",
    shape=same,
    definition="y = maximum(x, 0) + log1p(exp(-abs(x)))",
    adjoint="dx = dy * sigmoid(x)",
    samples=[given((3, 4)), given((5,)), given(())],
)

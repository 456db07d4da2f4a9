"""The natural logarithm of x."""

from graphc.op import Op, given
from graphc.shaping import same

log = Op(
    "log",
    "x",
    shape=same,
    meaning="log({x})",
    code="log({x}, out={y})",
    adjoint="dx = dy / x",
    overwrites="x",
    stable=(
        "log(softmax(x, axis)) = log_softmax(x, axis)",
        "log(sigmoid(x)) = -softplus(-x)",
        "log(1 - sigmoid(x)) = -softplus(x)",
        "log(1 + exp(x)) = softplus(x)",
        "log(exp(x) + 1) = softplus(x)",
        "log(sum(exp(x), axis, keepdims)) = logsumexp(x, axis, keepdims)",
        "log(1 + x) = log1p(x)",
        "log(x + 1) = log1p(x)",
        "log(1 - x) = log1p(-x)",
    ),
    elementwise=True,
    domain={"x": (0.5, 4.0)},
    finite={"x": (1.2e-38, 1e30)},
    samples=[given((3, 4)), given((5,)), given(())],
)

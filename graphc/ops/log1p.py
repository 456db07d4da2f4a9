"""log(1 + x), exact for small x."""

from graphc.op import Op, given
from graphc.shaping import same

log1p = Op(
    "log1p",
    "x",
    shape=same,
    meaning="log1p({x})",
    code="log1p({x}, out={y})",
    adjoint="dx = dy / (1 + x)",
    overwrites="x",
    elementwise=True,
    domain={"x": (0.5, 4.0)},
    finite={"x": (6e-8 - 1, 1e30)},
    samples=[given((3, 4)), given((5,)), given(())],
)

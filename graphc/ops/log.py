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
    elementwise=True,
    domain={"x": (0.5, 4.0)},
    samples=[given((3, 4)), given((5,)), given(())],
)

"""The cosine of x, in radians."""

from graphc.op import Op, given
from graphc.shaping import same

cos = Op(
    "cos",
    "x",
    shape=same,
    meaning="cos({x})",
    code="cos({x}, out={y})",
    adjoint="dx = -(dy * sin(x))",
    overwrites="x",
    elementwise=True,
    samples=[given((3, 4)), given((5,)), given(())],
)

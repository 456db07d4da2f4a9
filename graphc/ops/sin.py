"""The sine of x, in radians."""

from graphc.op import Op, given
from graphc.shaping import same

sin = Op(
    "sin",
    "x",
    shape=same,
    meaning="sin({x})",
    code="sin({x}, out={y})",
    adjoint="dx = dy * cos(x)",
    overwrites="x",
    elementwise=True,
    samples=[given((3, 4)), given((5,)), given(())],
)

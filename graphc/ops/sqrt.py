"""The square root of x.  Reads y, never x, to go back."""

from graphc.op import Op, given
from graphc.shaping import same

sqrt = Op(
    "sqrt",
    "x",
    shape=same,
    meaning="sqrt({x})",
    code="sqrt({x}, out={y})",
    adjoint="dx = dy / (y * 2)",
    overwrites="x",
    elementwise=True,
    domain={"x": (0.5, 4.0)},
    samples=[given((3, 4)), given((5,)), given(())],
)

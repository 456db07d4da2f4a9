"""The square root of x.

The way back reads y, never x, so y may overwrite x.
"""

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
    finite={"x": (1e-30, 1e30)},  # the slope at 0 is infinite
    samples=[given((3, 4)), given((5,)), given(())],
)

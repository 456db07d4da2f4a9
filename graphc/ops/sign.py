"""-1, 0 or 1: the sign of x.  No gradient goes through it."""

from graphc.op import Op, given
from graphc.shaping import same

sign = Op(
    "sign",
    "x",
    shape=same,
    meaning="sign({x})",
    code="sign({x}, out={y})",
    overwrites="x",
    elementwise=True,
    flat=("x",),
    samples=[given((3, 4)), given((5,)), given(())],
)

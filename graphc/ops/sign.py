"""-1, 0 or 1: the sign of x."""

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
    hidden=True,
    samples=[given((3, 4))],
)

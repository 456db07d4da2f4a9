"""The largest whole number that is not above x.  No gradient goes through it."""

from graphc.op import Op, given
from graphc.shaping import same

floor = Op(
    "floor",
    "x",
    shape=same,
    meaning="floor({x})",
    code="floor({x}, out={y})",
    overwrites="x",
    elementwise=True,
    flat=("x",),
    samples=[given((3, 4)), given((5,)), given(())],
)

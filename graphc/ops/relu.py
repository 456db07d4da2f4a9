"""max(x, 0).  The slope at 0 is 0.

The way back reads y, never x, so y may overwrite x.
"""

from graphc.op import Op, given
from graphc.shaping import same

relu = Op(
    "relu",
    "x",
    shape=same,
    meaning="maximum({x}, 0)",
    code="maximum({x}, zero, out={y})",
    adjoint="dx = dy * positive(y)",
    overwrites="x",
    elementwise=True,
    samples=[given((3, 4)), given((5,)), given(())],
)

"""e to the power x.

The way back reads y, never x, so y may overwrite x.
"""

from graphc.op import Op, given
from graphc.shaping import same

exp = Op(
    "exp",
    "x",
    shape=same,
    meaning="exp({x})",
    code="exp({x}, out={y})",
    adjoint="dx = dy * y",
    overwrites="x",
    elementwise=True,
    finite={"x": (-1e30, 88.0)},
    samples=[given((3, 4)), given((5,)), given(())],
)

"""exp(x) - 1, exact for small x.

The way back reads y, never x, so y may overwrite x.
"""

from graphc.op import Op, given
from graphc.shaping import same

expm1 = Op(
    "expm1",
    "x",
    shape=same,
    meaning="expm1({x})",
    code="expm1({x}, out={y})",
    adjoint="dx = dy * (y + 1)",
    overwrites="x",
    elementwise=True,
    finite={"x": (-1e30, 88.0)},
    samples=[given((3, 4)), given((5,)), given(())],
)

"""The hyperbolic tangent of x.

The way back reads y, never x, so y may overwrite x.
"""

from graphc.op import Op, given
from graphc.shaping import same

tanh = Op(
    "tanh",
    "x",
    shape=same,
    meaning="tanh({x})",
    code="tanh({x}, out={y})",
    adjoint="dx = dy * (1 - square(y))",
    overwrites="x",
    elementwise=True,
    samples=[given((3, 4)), given((5,)), given(())],
)

"""|x|.  The slope at 0 is 0."""

from graphc.op import Op, given
from graphc.shaping import same

abs = Op(
    "abs",
    "x",
    shape=same,
    meaning="abs({x})",
    code="absolute({x}, out={y})",
    adjoint="dx = dy * sign(x)",
    overwrites="x",
    elementwise=True,
    identities=("abs(-x) = abs(x)", "abs(abs(x)) = abs(x)"),
    samples=[given((3, 4)), given((5,)), given(())],
)

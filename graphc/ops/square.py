"""x * x."""

from graphc.op import Op, given
from graphc.shaping import same

square = Op(
    "square",
    "x",
    shape=same,
    meaning="{x} ** 2",
    code="square({x}, out={y})",
    adjoint="dx = dy * (x * 2)",
    overwrites="x",
    elementwise=True,
    identities=("square(-x) = square(x)", "square(abs(x)) = square(x)"),
    finite={"x": (-1e18, 1e18)},
    samples=[given((3, 4)), given((5,)), given(())],
)

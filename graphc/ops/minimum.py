"""The smaller of a and b, element by element, broadcast.  A tie shares the gradient equally."""

from graphc.op import Op, given
from graphc.shaping import broadcast

minimum = Op(
    "minimum",
    "a, b",
    shape=broadcast,
    meaning="minimum({a}, {b})",
    code="minimum({a}, {b}, out={y})",
    adjoint="da = dy * heaviside(b - a), db = dy * heaviside(a - b)",
    overwrites="a, b",
    laid=("a", "b"),
    elementwise=True,
    samples=[given((3, 4), (3, 4)), given((3, 4), (4,)), given((3, 1), (3, 4)), given((2, 3), ())],
)

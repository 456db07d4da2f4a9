"""The larger of a and b, element by element, broadcast.  A tie shares the gradient equally."""

from graphc.op import Op, given
from graphc.shaping import broadcast

maximum = Op(
    "maximum",
    "a, b",
    shape=broadcast,
    meaning="maximum({a}, {b})",
    code="maximum({a}, {b}, out={y})",
    adjoint="da = dy * heaviside(a - b), db = dy * heaviside(b - a)",
    overwrites="a, b",
    laid=("a", "b"),
    elementwise=True,
    samples=[given((3, 4), (3, 4)), given((3, 4), (4,)), given((3, 1), (3, 4)), given((2, 3), ())],
)

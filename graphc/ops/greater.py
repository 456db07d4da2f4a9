"""1 where a is greater than b, else 0, broadcast.  No gradient goes through it."""

from graphc.op import Op, given
from graphc.shaping import broadcast

greater = Op(
    "greater",
    "a, b",
    shape=broadcast,
    meaning="greater({a}, {b}).astype(DTYPE)",  # a number, which can be added up
    code="greater({a}, {b}, out={y})",
    overwrites="a, b",
    elementwise=True,
    flat=("a", "b"),
    samples=[given((3, 4), (3, 4)), given((3, 4), (4,)), given((3, 1), (3, 4)), given((2, 3), ())],
)

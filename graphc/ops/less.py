"""1 where a is less than b, else 0, broadcast.  No gradient goes through it."""

from graphc.op import Op, given
from graphc.shaping import broadcast, compared, truth, truths

less = Op(
    "less",
    "a, b",
    shape=broadcast,
    meaning=truth("{a} < {b}", "less({a}, {b}"),
    code=compared("less({a}, {b}"),
    needs=truths,
    overwrites="a, b",
    elementwise=True,
    flat=("a", "b"),
    samples=[given((3, 4), (3, 4)), given((3, 4), (4,)), given((3, 1), (3, 4)), given((2, 3), ())],
)

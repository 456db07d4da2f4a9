"""1 where a is greater than b, else 0, broadcast.  No gradient goes through it."""

from graphc.op import Op, given
from graphc.shaping import broadcast, compared, truth, truths

greater = Op(
    "greater",
    "a, b",
    shape=broadcast,
    meaning=truth("{a} > {b}", "greater({a}, {b}"),
    code=compared("greater({a}, {b}"),
    needs=truths,
    overwrites="a, b",
    elementwise=True,
    flat=("a", "b"),
    samples=[given((3, 4), (3, 4)), given((3, 4), (4,)), given((3, 1), (3, 4)), given((2, 3), ())],
)

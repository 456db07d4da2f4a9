"""1 where a equals b, else 0, broadcast.  No gradient goes through it."""

from graphc.op import Op, given
from graphc.shaping import broadcast, compared, truth, truths

equal = Op(
    "equal",
    "a, b",
    shape=broadcast,
    meaning=truth("{a} == {b}", "equal({a}, {b}"),
    code=compared("equal({a}, {b}"),
    needs=truths,
    overwrites="a, b",
    elementwise=True,
    flat=("a", "b"),
    samples=[given((3, 4), (3, 4)), given((3, 4), (4,)), given((3, 1), (3, 4)), given((2, 3), ())],
)

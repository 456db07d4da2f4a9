"""p - y, for two arrays of one shape."""

from graphc.op import Op, given
from graphc.shaping import paired

error = Op(
    "error",
    "p, y",
    shape=paired,
    result="e",
    definition="e = p - y",
    samples=[given((3, 4), (3, 4)), given((5,), (5,)), given((), ())],
)

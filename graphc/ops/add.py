"""a + b, broadcast."""

from graphc.op import Op, given
from graphc.shaping import broadcast

add = Op(
    "add",
    "a, b",
    shape=broadcast,
    meaning="{a} + {b}",
    code="add({a}, {b}, out={y})",
    adjoint="da = dy, db = dy",
    overwrites="a, b",
    elementwise=True,
    symbol="+",
    role="accumulate",
    identities=(
        "a + 0 = a",
        "0 + a = a",
        "a + -b = a - b",
        "-a + b = b - a",
        "C + a = a + C",
        "(a + C) + D = a + (C + D)",
    ),
    samples=[
        given((3, 4), (3, 4)),
        given((3, 4), (4,)),
        given((3, 4), (3, 1)),
        given((), (2, 3)),
        given((1, 4), (3, 1)),
        given((5,), (1,)),
    ],
)

"""a * b, element by element, broadcast."""

from graphc.op import Op, given
from graphc.shaping import broadcast

mul = Op(
    "mul",
    "a, b",
    shape=broadcast,
    meaning="{a} * {b}",
    code="multiply({a}, {b}, out={y})",
    adjoint="da = dy * b, db = dy * a",
    overwrites="a, b",
    elementwise=True,
    symbol="*",
    identities=(
        "a * 1 = a",
        "a * 0 = 0",
        "a * -1 = -a",
        "C * (1 / D) = C / D",
        "(C / D) * E = (C * E) / D",
        "C * a = a * C",
        "(a * C) * D = a * (C * D)",
        "(a / C) * D = a * (D / C)",
        "-a * C = a * -C",
        "-a * -b = a * b",
    ),
    samples=[
        given((3, 4), (3, 4)),
        given((3, 4), (4,)),
        given((3, 1), (3, 4)),
        given((2, 3), ()),
        given((1, 4), (3, 1)),
    ],
)

"""a / b, element by element, broadcast."""

from graphc.op import Op, given
from graphc.shaping import broadcast

div = Op(
    "div",
    "a, b",
    shape=broadcast,
    meaning="{a} / {b}",
    code="divide({a}, {b}, out={y})",
    adjoint="da = dy / b, db = -(dy * y / b)",
    overwrites="a, b",
    elementwise=True,
    symbol="/",
    identities=(
        "a / 1 = a",
        "(a * C) / D = a * (C / D)",
        "(C / D) / E = C / (D * E)",
        "-a / b = -(a / b)",
    ),
    domain={"b": (0.5, 2.0)},
    finite={"a": (-1e14, 1e14), "b": (1e-10, 1e30)},  # the slope is a / b ** 2
    samples=[
        given((3, 4), (3, 4)),
        given((3, 4), (4,)),
        given((3, 1), (3, 4)),
        given((2, 3), ()),
        given((), (2, 3)),
    ],
)

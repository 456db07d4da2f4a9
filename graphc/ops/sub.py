"""a - b, broadcast."""

from graphc.op import Op, given
from graphc.shaping import broadcast

sub = Op(
    "sub",
    "a, b",
    shape=broadcast,
    meaning="{a} - {b}",
    code="subtract({a}, {b}, out={y})",
    adjoint="da = dy, db = -dy",
    overwrites="a, b",
    elementwise=True,
    symbol="-",
    stable=("exp(x) - 1 = expm1(x)",),
    identities=("a - 0 = a", "0 - a = -a", "a - -b = a + b"),
    samples=[
        given((3, 4), (3, 4)),
        given((3, 4), (4,)),
        given((3, 1), (3, 4)),
        given((2, 3), ()),
        given((1, 4), (3, 1)),
    ],
)

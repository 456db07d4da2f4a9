"""a * b, element by element, broadcast."""

from graphc.dims import Mismatch, Shape, Solver
from graphc.op import Attributes, Op, given
from graphc.shaping import broadcast


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    try:
        return broadcast(solver, operands, attributes)
    except Mismatch as mismatch:
        a, b = map(solver.shape, operands)
        if len(a) > 1 and len(b) > 1 and a[-1] == b[-2]:
            hint = "`*` multiplies element by element; a matrix product is written `@`"
            raise Mismatch(mismatch.message, mismatch.dims, hint) from None
        raise


mul = Op(
    "mul",
    "a, b",
    shape=_shape,
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
    finite={"a": (-1e18, 1e18), "b": (-1e18, 1e18)},
    samples=[
        given((3, 4), (3, 4)),
        given((3, 4), (4,)),
        given((3, 1), (3, 4)),
        given((2, 3), ()),
        given((1, 4), (3, 1)),
    ],
)

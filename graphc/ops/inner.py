"""The sum of a * b over every element of two arrays of one shape."""

from graphc.op import Op, given
from graphc.shaping import alike

inner = Op(
    "inner",
    "a, b",
    shape=alike,
    meaning="({a} * {b}).sum()",
    code="{y}[...] = vdot({a}, {b})",
    adjoint="da = dy * b, db = dy * a",
    hidden=True,
    samples=[given((3, 4), (3, 4)), given((5,), (5,))],
)

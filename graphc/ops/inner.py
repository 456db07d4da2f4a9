"""The sum of a * b over every element of two arrays of one shape."""

from graphc.dims import Shape
from graphc.op import Attributes, Op, given
from graphc.shaping import alike


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    return "({a} * {b}).sum()" if shapes[0] else "{a} * {b}"


inner = Op(
    "inner",
    "a, b",
    shape=alike,
    meaning=_meaning,
    code="{y}[...] = vdot({a}, {b})",
    adjoint="da = dy * b, db = dy * a",
    identities=("inner(transpose(a, axes), transpose(b, axes)) = inner(a, b)",),
    role="inner",
    hidden=True,
    samples=[given((3, 4), (3, 4)), given((5,), (5,))],
)

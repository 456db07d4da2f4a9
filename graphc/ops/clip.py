"""x, but at least `low` and at most `high`.  The slope at the bounds is 1."""

from graphc.dims import Mismatch, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given, word


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    low, high = attributes["low"], attributes["high"]
    if low > high:
        raise Mismatch(f"nothing lies between {word(low)} and {word(high)}", code="E0404")
    return operands[0]


clip = Op(
    "clip",
    "x",
    shape=_shape,
    attributes={"low": Attribute("number"), "high": Attribute("number")},
    meaning="clip({x}, {low}, {high})",
    code="clip({x}, {low}, {high}, out={y})",
    adjoint="dx = dy * equal(x, y)",
    overwrites="x",
    elementwise=True,
    samples=[
        given((3, 4), low=-1, high=0.5),
        given((5,), low=0, high=9),
        given((), low=-1, high=1),
    ],
)

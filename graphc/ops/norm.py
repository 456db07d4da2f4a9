"""The root of the sum of squares, of all elements or along `axis`.  The slope at 0 is 0."""

from graphc.dims import Shape
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import reduced, restored


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    # where y is 0, so is x, and the denominator is 1
    return f"dx = x * {restored('dy / (y + equal(y, 0))', shapes, attributes)}"


norm = Op(
    "norm",
    "x",
    shape=reduced,
    attributes={"axis": Attribute("axis", None), "keepdims": Attribute("flag", False)},
    definition="y = sqrt(sum(square(x), axis, keepdims))",
    adjoint=_adjoint,
    finite={"x": (-1e18, 1e18)},
    samples=[
        given((3, 4)),
        given((3, 4), axis=0),
        given((3, 4), axis=1),
        given((3, 4), axis=1, keepdims=True),
        given((2, 3, 4), axis=(0, 2)),
        given((5,)),
        given(()),
    ],
)

"""max(x, 0) + slope * min(x, 0).  The slope at 0 is `slope`."""

from graphc.dims import Shape
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import same


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    return f"y = {'maximum' if attributes['slope'] <= 1 else 'minimum'}(x, x * slope)"


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    if 0 <= attributes["slope"] <= 1:
        return "dx = dy * maximum(greater(x, 0), slope)"
    return "dx = dy * where(greater(x, 0), 1, slope)"


leaky_relu = Op(
    "leaky_relu",
    "x",
    shape=same,
    attributes={"slope": Attribute("number", 0.01)},
    definition=_definition,
    adjoint=_adjoint,
    samples=[
        given((3, 4)),
        given((5,), slope=0.3),
        given((3, 4), slope=1.5),
        given((3, 4), slope=-0.5),
        given(()),
    ],
)

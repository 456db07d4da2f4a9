"""x where x > 0, else alpha * (exp(x) - 1), exact for small x.  The slope at 0 is alpha."""

from graphc.dims import Shape
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import same


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    if attributes["alpha"] == 1:
        return "dx = dy * exp(minimum(x, 0))"
    return "dx = dy * where(greater(x, 0), 1, exp(minimum(x, 0)) * alpha)"


elu = Op(
    "elu",
    "x",
    shape=same,
    attributes={"alpha": Attribute("number", 1)},
    definition="y = maximum(x, 0) + alpha * expm1(minimum(x, 0))",
    adjoint=_adjoint,
    samples=[given((3, 4)), given((5,), alpha=0.3), given(())],
)

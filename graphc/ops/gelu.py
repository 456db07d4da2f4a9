"""x times the probability that a normal number is below x (Hendrycks & Gimpel 2016).

By erf, or with `approximate = true` by tanh. Beyond the bounds at which x is clipped, the slope of
erf and of tanh is 0 to the last digit, and would overflow on the way there.
"""

from graphc.dims import Shape
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import same

BY_ERF = "p = (erf(x * sqrt(0.5)) + 1) * 0.5"
BY_TANH = """
    u = clip(x, -10, 10),
    t = tanh(u * (square(u) * 0.044715 + 1) * sqrt(2 / pi)),
    p = (t + 1) * 0.5
"""


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    return f"{BY_TANH if attributes['approximate'] else BY_ERF}, y = x * p"


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    if not attributes["approximate"]:
        density = "exp(square(clip(x, -40, 40)) * -0.5) / sqrt(2 * pi)"
        return f"{BY_ERF}, dx = dy * (p + x * ({density}))"
    return f"""
        {BY_TANH},
        slope = (square(u) * 0.134145 + 1) * (1 - square(t)) * sqrt(0.5 / pi),
        dx = dy * (p + x * slope)
    """


gelu = Op(
    "gelu",
    "x",
    shape=same,
    attributes={"approximate": Attribute("flag", False)},
    definition=_definition,
    adjoint=_adjoint,
    samples=[given((3, 4)), given((5,)), given(()), given((3, 4), approximate=True)],
)

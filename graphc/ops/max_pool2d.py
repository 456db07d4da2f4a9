"""The largest value in each window of x [batch, channels, height, width]; ties share the gradient.

PyTorch's: `stride` is the size if nothing is said, padding counts as minus infinity, and what
does not fill a window is left out.
"""

from graphc.dims import Shape
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import pooled


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    x = "border(x, padding, true)" if any(attributes["padding"]) else "x"
    stride = "size" if attributes["stride"] is None else "stride"
    return f"y = window_max(windows({x}, size, {stride}))"


max_pool2d = Op(
    "max_pool2d",
    "x",
    shape=pooled,
    attributes={
        "size": Attribute("pair", interval="[1, inf)"),
        "stride": Attribute("pair", None, interval="[1, inf)"),
        "padding": Attribute("pair", 0, interval="[0, inf)"),
    },
    definition=_definition,
    samples=[
        given((2, 2, 4, 6), size=2),
        given((1, 2, 5, 4), size=(3, 2), stride=1),
        given((2, 1, 4, 5), size=3, stride=2, padding=1),
        given((1, 1, 5, 5), size=1, stride=3),
    ],
)

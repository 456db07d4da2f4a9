"""x less its mean, divided by its standard deviation, along `axis`: one axis or several.

(x - mean) / sqrt(variance + epsilon), the variance being the mean of the squares.
"""

from graphc.op import Attribute, Op, given
from graphc.shaping import same

SCALE = "s = sqrt(mean(square(x - mean(x, axis, true)), axis, true) + epsilon)"

normalise = Op(
    "normalise",
    "x",
    shape=same,
    attributes={"axis": Attribute("axis", -1), "epsilon": Attribute("number", 1e-5)},
    definition=f"{SCALE}, y = (x - mean(x, axis, true)) / s",
    adjoint=f"{SCALE}, dx = (dy - mean(dy, axis, true) - y * mean(dy * y, axis, true)) / s",
    finite={"x": (-1e18, 1e18)},  # farther out the deviation overflows, and all becomes 0
    samples=[
        given((3, 4)),
        given((5,), epsilon=0.1),
        given((3, 4), axis=0),
        given((2, 3, 4), axis=(0, 2)),
    ],
)

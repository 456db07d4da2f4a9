"""The mean of all elements, or along `axis`; `keepdims` leaves a 1 where the axis was."""

from graphc.op import Attribute, Op, given
from graphc.shaping import reduced

mean = Op(
    "mean",
    "x",
    shape=reduced,
    attributes={"axis": Attribute("axis", None), "keepdims": Attribute("flag", False)},
    definition="y = sum(x, axis, keepdims) / size(x, axis)",
    samples=[
        given((3, 4)),
        given((3, 4), axis=0),
        given((3, 4), axis=1, keepdims=True),
        given((2, 3, 4), axis=(0, 2)),
        given((5,)),
    ],
)

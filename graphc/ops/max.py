"""The largest element along an axis."""

from graphc.op import Attribute, Op, given
from graphc.shaping import reduced

max = Op(
    "max",
    "x",
    shape=reduced,
    attributes={"axis": Attribute("axis", None), "keepdims": Attribute("flag", False)},
    meaning="{x}.max(axis={axis}, keepdims={keepdims})",
    code="maximum.reduce({x}, axis={axis}, keepdims={keepdims}, out={y})",
    hidden=True,
    samples=[given((3, 4)), given((3, 4), axis=1, keepdims=True)],
)

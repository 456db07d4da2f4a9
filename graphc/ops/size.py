"""How many elements x has, or along `axis`: a number known from the shape."""

from graphc.op import Attribute, Op, given
from graphc.shaping import count

size = Op(
    "size",
    "x",
    shape=lambda solver, operands, attributes: (),
    attributes={"axis": Attribute("axis", None)},
    constant=lambda shapes, attributes: count(shapes[0], attributes["axis"]),
    samples=[given((3, 4)), given((3, 4), axis=0), given((3, 4, 5), axis=(0, -1))],
)

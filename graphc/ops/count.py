"""How many elements of x a reduction over `axis` takes in: a number known from the shape."""

from graphc.op import Attribute, Op, given
from graphc.shaping import count as elements
from graphc.shaping import scalar

count = Op(
    "count",
    "x",
    shape=scalar,
    attributes={"axis": Attribute("axis", None)},
    constant=lambda shapes, attributes: elements(shapes[0], attributes["axis"]),
    hidden=True,
    samples=[given((3, 4)), given((3, 4), axis=0)],
)

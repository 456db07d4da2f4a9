"""The largest element, or along `axis`; `keepdims` leaves a 1 where the axis was.

Elements that share the first place share the gradient equally.
"""

from graphc.op import Attribute, Op, given
from graphc.shaping import code_of, meaning_of, reduced, shared_by_the_first

max = Op(
    "max",
    "x",
    shape=reduced,
    attributes={"axis": Attribute("axis", None), "keepdims": Attribute("flag", False)},
    meaning=meaning_of("max"),
    code=code_of("maximum"),
    adjoint=shared_by_the_first,
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

"""The smallest element, or along `axis`; `keepdims` leaves a 1 where the axis was.

Elements that share the first place share the gradient equally.
"""

from graphc.dims import Shape
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import code_of, meaning_of, reduced, restored


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    y, share = (restored(one, shapes, attributes) for one in ("y", "dy / sum(t, axis, keepdims)"))
    return f"t = equal(x, {y}), dx = t * {share}"


min = Op(
    "min",
    "x",
    shape=reduced,
    attributes={"axis": Attribute("axis", None), "keepdims": Attribute("flag", False)},
    meaning=meaning_of("min"),
    code=code_of("minimum"),
    adjoint=_adjoint,
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

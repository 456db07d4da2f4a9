"""The sum of all elements, or along `axis`; `keepdims` leaves a 1 where the axis was."""

from graphc.dims import Shape
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import code_of, meaning_of, reduced, restored


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    return f"dx = broadcast({restored('dy', shapes, attributes)}, shape(x))"


sum = Op(
    "sum",
    "x",
    shape=reduced,
    attributes={"axis": Attribute("axis", None), "keepdims": Attribute("flag", False)},
    meaning=meaning_of("sum"),
    code=code_of("add"),
    adjoint=_adjoint,
    identities=(
        "sum(sum(x, axis, keepdims)) = sum(x)",
        "sum(square(x)) = inner(x, x)",
        "sum(a * b) = inner(a, b)",
        "sum(-x) = -sum(x)",
        "sum(x * C) = sum(x) * C",
    ),
    samples=[
        given((3, 4)),
        given((3, 4), axis=0),
        given((3, 4), axis=1),
        given((3, 4), axis=1, keepdims=True),
        given((2, 3, 4), axis=(0, 2)),
        given((2, 3, 4), axis=1),
        given((5,)),
        given(()),
    ],
)

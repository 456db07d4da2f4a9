"""The sum of all elements, or along `axis`; `keepdims` leaves a 1 where the axis was."""

from graphc.dims import Shape
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import axes_of, reduced


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    if not shapes[0]:
        return "{x}"
    if attributes["axis"] is None and not attributes["keepdims"]:
        return "{x}.sum()"
    keep = ", keepdims=True" if attributes["keepdims"] else ""
    return "{x}.sum(axis={axis}" + keep + ")"


def _code(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    if not shapes[0]:
        return "{y}[...] = {x}"
    keep = ", keepdims=True" if attributes["keepdims"] else ""
    return "add.reduce({x}, axis={axis}" + keep + ", out={y})"


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    gone = axes_of(attributes["axis"], len(shapes[0]))
    leading = gone == tuple(range(len(gone)))
    back = "dy" if attributes["keepdims"] or leading else f"expand_dims(dy, {list(gone)})"
    return f"dx = broadcast({back}, shape(x))"


sum = Op(
    "sum",
    "x",
    shape=reduced,
    attributes={"axis": Attribute("axis", None), "keepdims": Attribute("flag", False)},
    meaning=_meaning,
    code=_code,
    adjoint=_adjoint,
    identities=(
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

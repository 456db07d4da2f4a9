"""log(sum(exp(x))), of all elements or along `axis`; the largest x is taken off first."""

from graphc.dims import Shape
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import reduced, restored

WHOLE = "m = max(x, axis, true), s = log(sum(exp(x - m), axis, true)) + m"


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    return f"{WHOLE}, y = {'s' if attributes['keepdims'] else 'reshape(s, shape(sum(x, axis)))'}"


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    return f"{WHOLE}, dx = {restored('dy', shapes, attributes)} * exp(x - s)"


logsumexp = Op(
    "logsumexp",
    "x",
    shape=reduced,
    attributes={"axis": Attribute("axis", None), "keepdims": Attribute("flag", False)},
    definition=_definition,
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

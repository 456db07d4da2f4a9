"""x with an axis of size 1 put in wherever `axis` says, counted in the result."""

from graphc.dims import ONE, Mismatch, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import axes_of


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    sizes = list(operands[0])
    if not (places := sorted(axes_of(attributes["axis"], len(sizes)))):
        raise Mismatch("no axis is named", code="E0303")
    for place in places:
        sizes.insert(place, ONE)
    return tuple(sizes)


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    new = axes_of(attributes["axis"], len(shapes[0]))
    places = range(max(new) + 1)
    return "{x}[" + ", ".join("None" if place in new else ":" for place in places) + "]"


expand_dims = Op(
    "expand_dims",
    "x",
    shape=_shape,
    attributes={"axis": Attribute("new")},
    meaning=_meaning,
    adjoint="dx = squeeze(dy, axis)",
    view=True,
    samples=[
        given((3, 4), axis=1),
        given((3, 4), axis=(0, 3)),
        given((3, 4), axis=(-1, 1)),
        given((5,), axis=-2),
        given((), axis=0),
    ],
)

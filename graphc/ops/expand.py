"""x with an axis of size 1 put in at each place of `axis`."""

from graphc.dims import ONE, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    sizes = list(operands[0])
    for axis in sorted(attributes["axis"]):
        sizes.insert(axis, ONE)
    return tuple(sizes)


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    rank = len(shapes[0]) + len(attributes["axis"])
    index = ["None" if axis in attributes["axis"] else ":" for axis in range(rank)]
    return "{x}[" + ", ".join(index) + "]"


expand = Op(
    "expand",
    "x",
    shape=_shape,
    attributes={"axis": Attribute("places")},
    meaning=_meaning,
    adjoint="dx = reshape(dy, shape(x))",
    view=True,
    hidden=True,
    samples=[given((3, 4), axis=(1,)), given((3, 4), axis=(0, 3)), given((5,), axis=(0,))],
)

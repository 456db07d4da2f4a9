"""x with one axis as two: `parts` rows of what it held, [..., parts, size / parts, ...]."""

from graphc.dims import Dim, Mismatch, Shape, Solver, show
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    x, axis, parts = operands[0], attributes["axis"], Dim.of(attributes["parts"])
    each = solver.fresh()
    if not solver.equal(parts * each, x[axis]):
        shape = solver.shape(x)
        message = (
            f"axis {axis} of {show(shape)} cannot be cut into {parts.code} equal parts:"
            f" its size is {shape[axis].code}"
        )
        raise Mismatch(message, argument="parts")
    return (*x[:axis], parts, solver.resolve(each), *x[axis + 1 :])


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    axis, sizes = attributes["axis"], [f"size(x, {place})" for place in range(len(shapes[0]))]
    return f"y = reshape(x, [{', '.join([*sizes[:axis], 'parts', '-1', *sizes[axis + 1 :]])}])"


unflatten = Op(
    "unflatten",
    "x",
    shape=_shape,
    attributes={"axis": Attribute("one"), "parts": Attribute("size")},
    definition=_definition,
    moves=True,
    samples=[
        given((2, 6), axis=1, parts=3),
        given((2, 6, 3), axis=-2, parts=2),
        given((4,), axis=0, parts=1),
    ],
)

"""Arrays of one shape, one behind the other along a new axis, counted in the result."""

from graphc.dims import Dim, Mismatch, Shape, Solver, show
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    first, axis = operands[0], attributes["axis"]
    for shape in operands:
        pairs = list(zip(first, shape, strict=False))
        if len(shape) != len(first) or not all(solver.equal(*pair) for pair in pairs):
            have = " and ".join(show(solver.shape(one)) for one in (first, shape))
            hint = "`concat` joins arrays along an axis that they have"
            message = f"only arrays of one shape can be stacked; these are {have}"
            raise Mismatch(message, tuple(dim for pair in pairs for dim in pair), hint)
    return (*first[:axis], Dim.of(len(operands)), *first[axis:])


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    parts = [f"expand_dims(part{place + 1}, axis)" for place in range(len(shapes))]
    return f"y = concat({', '.join(parts)}, axis = axis)"


stack = Op(
    "stack",
    "*part",
    shape=_shape,
    attributes={"axis": Attribute("new", 0)},
    definition=_definition,
    moves=True,
    samples=[
        given((2, 3), (2, 3)),
        given((2, 3), (2, 3), (2, 3), axis=1),
        given((2, 3), axis=-1),
        given((), ()),
    ],
)

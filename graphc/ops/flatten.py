"""x with its axes from `start` on as one: `flatten(x)` keeps the first axis, as PyTorch's layer."""

from graphc.dims import Shape, Solver, size
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    x, start = operands[0], attributes["start"]
    return (*x[:start], solver.resolve(size(solver.shape(x[start:]))))


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    kept = [f"size(x, {axis})" for axis in range(attributes["start"])]
    return f"y = reshape(x, [{', '.join([*kept, '-1'])}])"


flatten = Op(
    "flatten",
    "x",
    shape=_shape,
    attributes={"start": Attribute("one", 1)},
    definition=_definition,
    moves=True,
    samples=[
        given((2, 3, 4)),
        given((3, 4)),
        given((2, 3, 4), start=0),
        given((2, 3, 4, 2), start=-2),
    ],
)

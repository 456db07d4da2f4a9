"""x with its last two axes in the other order: every matrix in it transposed."""

from graphc.dims import Mismatch, Shape, Solver, show
from graphc.op import Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    x = operands[0]
    if len(x) < 2:
        have = f"{show(solver.shape(x))} has one axis" if x else "a single number has no axes"
        raise Mismatch(f"a matrix has two axes, and {have}")
    return (*x[:-2], x[-1], x[-2])


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    rank = len(shapes[0])
    axes = [*range(rank - 2), rank - 1, rank - 2]
    return f"y = transpose(x, {axes})" if rank > 2 else "y = x.T"


matrix_transpose = Op(
    "matrix_transpose",
    "x",
    shape=_shape,
    definition=_definition,
    moves=True,
    samples=[given((3, 4)), given((2, 3, 4)), given((2, 2, 3, 4))],
)

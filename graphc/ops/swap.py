"""x with its first two axes exchanged, in an array of its own."""

from graphc.dims import Shape, Solver
from graphc.op import Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    first, second, *rest = operands[0]
    return (second, first, *rest)


swap = Op(
    "swap",
    "x",
    shape=_shape,
    meaning="{x}.swapaxes(0, 1).copy()",
    code="{y}[...] = {x}.swapaxes(0, 1)",
    adjoint="dx = swap(dy)",
    hidden=True,
    samples=[given((3, 4)), given((2, 3, 1, 4))],
)

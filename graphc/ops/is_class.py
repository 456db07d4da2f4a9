"""1 where a label is the class of the column, else 0."""

from graphc.dims import Shape, Solver
from graphc.op import Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    return (*operands[0], *operands[1])


is_class = Op(
    "is_class",
    "labels, classes",
    shape=_shape,
    meaning="({labels}[..., None] == {classes}).astype(DTYPE)",
    code="equal({labels}[..., None], {classes}, out={y})",
    hidden=True,
    integers={
        "labels": lambda shapes, given: shapes[1][0],
        "classes": lambda shapes, given: shapes[1][0],
    },
    samples=[given((3,), (4,)), given((), (4,))],
)

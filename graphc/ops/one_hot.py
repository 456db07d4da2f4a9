"""1 where a label is the class of the column, else 0."""

from graphc.dims import Shape, Solver
from graphc.op import Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    return (*operands[0], *operands[1])


one_hot = Op(
    "one_hot",
    "labels, classes",
    shape=_shape,
    meaning="{labels}[..., None] == {classes}",
    code="equal({labels}[..., None], {classes}, out={y})",
    hidden=True,
    integers={"labels": "classes"},
    samples=[given((3,), (4,))],
)

"""The identity matrix of n rows: 1 on the diagonal, else 0."""

from graphc.dims import Dim, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    return (Dim.of(attributes["n"]),) * 2


eye = Op(
    "eye",
    "",
    shape=_shape,
    attributes={"n": Attribute("size")},
    meaning="eye({n})",
    code="{y}[...] = eye({n})",
    hidden=True,
    samples=[given(n=5)],
)

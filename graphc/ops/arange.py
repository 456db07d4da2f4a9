"""0, 1, 2 ... n - 1."""

from graphc.dims import Dim, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    return (Dim.of(attributes["n"]),)


arange = Op(
    "arange",
    "",
    shape=_shape,
    attributes={"n": Attribute("size")},
    meaning="arange({n})",
    code="{y}[...] = arange({n})",
    moves=True,  # whole numbers
    hidden=True,
    samples=[given(n=5)],
)

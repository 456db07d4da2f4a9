"""1 at and below the diagonal that ends in the last corner, else 0."""

from graphc.dims import Dim, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    return (Dim.of(attributes["rows"]), Dim.of(attributes["columns"]))


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    square = attributes["rows"] == attributes["columns"]
    return "tri({rows})" if square else "tri({rows}, {columns}, {columns} - {rows})"


lower_triangle = Op(
    "lower_triangle",
    "",
    shape=_shape,
    attributes={"rows": Attribute("size"), "columns": Attribute("size")},
    meaning=_meaning,
    code=lambda shapes, given: "{y}[...] = " + _meaning(shapes, given),
    hidden=True,
    samples=[given(rows=3, columns=3), given(rows=2, columns=4), given(rows=3, columns=1)],
)

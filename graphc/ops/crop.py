"""Images without the rows and columns that `pad` puts around them."""

from graphc.dims import Dim, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    (m, n, height, width), (top, left) = operands[0], attributes["padding"]
    return (m, n, height + Dim.of(-2 * top), width + Dim.of(-2 * left))


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    rows, columns = (f"{one}:-{one}" if one else ":" for one in attributes["padding"])
    return f"{{x}}[:, :, {rows}, {columns}]"


crop = Op(
    "crop",
    "x",
    shape=_shape,
    attributes={"padding": Attribute("pair")},
    meaning=_meaning,
    adjoint="dx = border(dy, padding)",
    view=True,
    hidden=True,
    samples=[given((2, 1, 5, 6), padding=(1, 2)), given((1, 2, 2, 4), padding=(0, 1))],
)

"""Images x [batch, channels, height, width] correlated with W [filters, channels, rows, columns].

As in PyTorch the filters are not turned over, `padding` puts zeros around the images, and what
does not fill a stride is left out. One matrix product for the whole batch, of the filters and of
what they see.
"""

from graphc.dims import Mismatch, Shape, Solver, show
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import sliding


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    x, W = (solver.shape(operand) for operand in operands)
    if len(W) != 4:
        raise Mismatch(f"filters are [filters, channels, rows, columns], and these are {show(W)}")
    wrong = Mismatch(f"the sizes of filters must be numbers, and these are {show(W)}")
    rows, columns = (dim.known for dim in W[2:])
    if rows is None or columns is None:
        wrong.help = "write rows and columns, as in `[16, _, 3, 3]`"
        raise wrong
    places = sliding(solver, x, (rows, columns), attributes["stride"], attributes["padding"])
    if not solver.equal(x[1], W[1]):
        message = f"the images have {x[1]} channels, and the filters take {W[1]}"
        raise Mismatch(message, (x[1], W[1]))
    if any(dim.known is None and dim.unknown is None for dim in solver.shape(W)):
        raise wrong
    return (x[0], W[0], *places)


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    rows, columns = (dim.code for dim in shapes[1][2:])
    x = "border(x, padding)" if any(attributes["padding"]) else "x"
    return f"p = patches({x}, [{rows}, {columns}], stride), y = swap(tensordot(W, p, 3))"


conv2d = Op(
    "conv2d",
    "x, W",
    shape=_shape,
    attributes={
        "stride": Attribute("pair", 1, interval="[1, inf)"),
        "padding": Attribute("pair", 0, interval="[0, inf)"),
    },
    definition=_definition,
    contracts={"W": ((1, 2, 3), (0, 2, 3))},
    finite={"x": (-1e18, 1e18), "W": (-1e18, 1e18)},
    samples=[
        given((2, 3, 5, 4), (2, 3, 3, 2)),
        given((2, 1, 4, 5), (3, 1, 3, 3), padding=1),
        given((1, 2, 6, 5), (2, 2, 3, 2), stride=(2, 1), padding=(1, 0)),
        given((2, 2, 3, 3), (2, 2, 1, 1), stride=2),
        given((2, 2, 3, 2), (2, 2, 3, 2)),
    ],
)

"""What each window sees that slides over images [batch, channels, height, width].

In an array [channels, rows, columns, batch, high, wide], which a matrix product reads: a filter is
as long as its first three axes, and its last three count the windows.
"""

from graphc.dims import Dim, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import sliding


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    (batch, channels, *_), size = operands[0], attributes["size"]
    places = sliding(solver, operands[0], size, attributes["stride"])
    return (channels, *map(Dim.of, size), batch, *places)


patches = Op(
    "patches",
    "x",
    shape=_shape,
    attributes={"size": Attribute("pair"), "stride": Attribute("pair", 1)},
    definition="y = contiguous(windows(transpose(x, [1, 0, 2, 3]), size, stride))",
    hidden=True,
    samples=[given((2, 3, 5, 4), size=(3, 2)), given((2, 1, 7, 6), size=(3, 2), stride=(2, 1))],
)

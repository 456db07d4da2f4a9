"""What each window sees that slides over images [m, n, height, width], as a view.

The result is [m, rows, columns, n, high, wide]: at each place of a window of `size`, an image of
what stands there, one number for each window. `stride` is from one window to the next.
"""

from graphc.dims import Dim, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import sliding

HELPER = '''
def windows(x, size, stride=(1, 1)):
    """What each window sees, a view: [m, n, height, width] -> [m, *size, n, high, wide]."""
    seen = np.lib.stride_tricks.sliding_window_view(x, size, (2, 3))
    return seen[:, :, ::stride[0], ::stride[1]].transpose(0, 4, 5, 1, 2, 3)
'''


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    (m, n, *_), size = operands[0], attributes["size"]
    return (m, *map(Dim.of, size), n, *sliding(solver, operands[0], size, attributes["stride"]))


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    stride = "" if attributes["stride"] == (1, 1) else ", {stride}"
    return f"windows({{x}}, {{size}}{stride})"


windows = Op(
    "windows",
    "x",
    shape=_shape,
    attributes={"size": Attribute("pair"), "stride": Attribute("pair", 1)},
    meaning=_meaning,
    adjoint="dx = overlap_add(dy, shape(x), stride)",
    helper=HELPER,
    view=True,
    hidden=True,
    samples=[
        given((2, 3, 5, 4), size=(3, 2)),
        given((2, 1, 7, 6), size=(3, 2), stride=(2, 1)),
        given((1, 2, 5, 5), size=(2, 1), stride=(3, 2)),
        given((2, 2, 3, 4), size=(3, 4)),
    ],
)

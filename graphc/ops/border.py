"""Images with rows and columns of one value around each: 0, or the lowest of all, -inf."""

from graphc.dims import Dim, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given

HELPER = '''
def frame(x, padding, value, out):
    """Sets images into the middle of `out`; `value` stands around them."""
    top, left = padding
    out.fill(value)
    out[:, :, top : top + x.shape[2], left : left + x.shape[3]] = x
'''


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    (m, n, height, width), (top, left) = operands[0], attributes["padding"]
    return (m, n, height + Dim.of(2 * top), width + Dim.of(2 * left))


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    top, left = attributes["padding"]
    value = ", constant_values=-inf" if attributes["lowest"] else ""
    return f"pad({{x}}, ((0, 0), (0, 0), ({top}, {top}), ({left}, {left})){value})"


def _code(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    value = "-inf" if attributes["lowest"] else "0"
    return f"frame({{x}}, {{padding}}, {value}, out={{y}})"


border = Op(
    "border",
    "x",
    shape=_shape,
    attributes={"padding": Attribute("pair"), "lowest": Attribute("flag", False)},
    meaning=_meaning,
    code=_code,
    adjoint="dx = crop(dy, padding)",
    helper=HELPER,
    hidden=True,
    samples=[given((2, 1, 3, 2), padding=(1, 2)), given((1, 2, 2, 2), padding=(0, 1))],
)

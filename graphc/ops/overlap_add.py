"""Images [m, n, height, width] to which each window adds what it holds: `windows` transposed."""

from graphc.dims import Shape, Solver
from graphc.op import Attribute, Attributes, Op, given

HELPER = '''
def overlap_add(w, stride=(1, 1), shape=None, out=None):
    """Adds up what windows hold where they stand: [m, *size, n, high, wide] -> `shape`."""
    out = np.empty(shape, w.dtype) if out is None else out
    high, wide = stride[0] * w.shape[4], stride[1] * w.shape[5]
    out.fill(0)
    for i, j in np.ndindex(w.shape[1:3]):
        out[:, :, i : i + high : stride[0], j : j + wide : stride[1]] += w[:, i, j]
    return out
'''


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    return tuple(attributes["shape"])


def _call(last: str, attributes: Attributes) -> str:
    stride = "" if attributes["stride"] == (1, 1) else ", {stride}"
    return f"overlap_add({{w}}{stride}, {last})"


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    rows, columns = shapes[0][1:3]
    return f"dw = windows(dy, [{rows.code}, {columns.code}], stride)"


overlap_add = Op(
    "overlap_add",
    "w",
    shape=_shape,
    attributes={"shape": Attribute("shape"), "stride": Attribute("pair", 1)},
    meaning=lambda shapes, given: _call("shape={shape}", given),
    code=lambda shapes, given: _call("out={y}", given),
    adjoint=_adjoint,
    helper=HELPER,
    hidden=True,
    samples=[
        given((2, 3, 2, 3, 3, 3), shape=(2, 3, 5, 4)),
        given((2, 3, 2, 1, 3, 5), shape=(2, 1, 7, 6), stride=(2, 1)),
        given((1, 2, 1, 2, 2, 3), shape=(1, 2, 6, 5), stride=(3, 2)),
    ],
)

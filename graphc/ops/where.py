"""a where the condition is not 0, else b, broadcast.  No gradient goes to the condition."""

from graphc.dims import Shape
from graphc.op import Attributes, Op, given
from graphc.shaping import broadcast


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    # of two numbers NumPy would make whole numbers, or float64
    cast = "" if any(shapes[1:]) else ".astype(DTYPE)"
    return "where({condition} != 0, {a}, {b})" + cast


where = Op(
    "where",
    "condition, a, b",
    shape=broadcast,
    meaning=_meaning,
    code="pick({condition}, {a}, {b}, out={y})",
    adjoint="da = where(condition, dy, 0), db = where(condition, 0, dy)",
    overwrites="condition, b",
    elementwise=True,
    flat=("condition",),
    helper='''
def pick(condition, a, b, out):
    """a where the condition is not 0, else b; `out` may be the condition or b."""
    first = condition != 0
    if out is not b:
        out[...] = b
    np.copyto(out, a, where=first)
''',
    samples=[
        given((3, 4), (3, 4), (3, 4)),
        given((4,), (3, 1), ()),
        given((3, 4), (), ()),
        given((), (2, 3), (3,)),
    ],
)

"""a where the condition is not 0, else b, broadcast.  No gradient goes to the condition."""

from collections.abc import Mapping

from graphc.dims import Shape
from graphc.op import Attributes, Op, Work, given
from graphc.shaping import broadcast


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    # of two numbers NumPy would make whole numbers, or float64
    cast = "" if any(shapes[1:]) else ".astype(DTYPE)"
    return "where({condition} != 0, {a}, {b})" + cast


def _needs(shapes: tuple[Shape, ...], attributes: Attributes) -> Mapping[str, Work]:
    return {"first": Work(shapes[0], "bool")}


where = Op(
    "where",
    "condition, a, b",
    shape=broadcast,
    meaning=_meaning,
    code="pick({condition}, {a}, {b}, {first}, out={y})",
    needs=_needs,
    adjoint="da = where(condition, dy, 0), db = where(condition, 0, dy)",
    overwrites="condition, b",
    elementwise=True,
    flat=("condition",),
    helper='''
def pick(condition, a, b, first, out):
    """a where the condition is not 0, else b; `out` may be the condition or b."""
    np.not_equal(condition, 0, out=first)
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

"""exp(x) / sum(exp(x)) along an axis; the largest x is taken off first, so nothing overflows."""

from graphc.op import Attribute, Op, given
from graphc.shaping import same

softmax = Op(
    "softmax",
    "x",
    shape=same,
    attributes={"axis": Attribute("axis", -1)},
    definition="e = exp(x - max(x, axis, true)); y = e / sum(e, axis, true)",
    adjoint="dx = y * (dy - sum(dy * y, axis, true))",
    squashes=True,
    classes="x",
    samples=[given((3, 4)), given((5,)), given((3, 4), axis=0), given((2, 3, 4), axis=1)],
)

"""x - log(sum(exp(x))) along an axis; the largest x is taken off first, so nothing overflows."""

from graphc.op import Attribute, Op, given
from graphc.shaping import same

log_softmax = Op(
    "log_softmax",
    "x",
    shape=same,
    attributes={"axis": Attribute("axis", -1)},
    definition="s = x - max(x, axis, true); y = s - log(sum(exp(s), axis, true))",
    adjoint="dx = dy - exp(y) * sum(dy, axis, true)",
    classes="x",
    samples=[given((3, 4)), given((5,)), given((3, 4), axis=0), given((2, 3, 4), axis=1)],
)

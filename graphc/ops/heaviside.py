"""1 where x > 0, a half at 0, else 0: who wins in maximum(a, b), a tie being shared."""

from graphc.op import Op, given
from graphc.shaping import same

heaviside = Op(
    "heaviside",
    "x",
    shape=same,
    meaning="heaviside({x}, 0.5)",
    code="heaviside({x}, 0.5, out={y})",
    overwrites="x",
    elementwise=True,
    hidden=True,
    samples=[given((3, 4))],
)

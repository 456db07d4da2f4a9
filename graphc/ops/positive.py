"""1 where x > 0, else 0: the slope of relu."""

from graphc.op import Op, given
from graphc.shaping import same

positive = Op(
    "positive",
    "x",
    shape=same,
    meaning="heaviside({x}, 0)",  # a number, which can be added up; `x > 0` is a truth
    code="greater({x}, 0, out={y})",
    overwrites="x",
    elementwise=True,
    hidden=True,
    samples=[given((3, 4))],
)

"""1 where x > 0, else 0: the slope of relu."""

from graphc.op import Op, given
from graphc.shaping import compared, same, truths

positive = Op(
    "positive",
    "x",
    shape=same,
    meaning="heaviside({x}, 0)",  # a number, which can be added up; `x > 0` is a truth
    code=compared("greater({x}, zero, "),
    needs=truths,
    overwrites="x",
    elementwise=True,
    hidden=True,
    samples=[given((3, 4)), given(())],
)

"""The mean of (p - y) ** 2 over every element."""

from graphc.op import Op, given
from graphc.shaping import alike

mse = Op(
    "mse",
    "p, y",
    shape=alike,
    result="loss",
    definition="loss = mean(square(p - y))",
    samples=[given((3, 4), (3, 4)), given((5,), (5,)), given((), ())],
)

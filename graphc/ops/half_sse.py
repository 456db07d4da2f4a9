"""Half the sum of (p - y) ** 2 over every element, so that its slope is p - y."""

from graphc.op import Op, given
from graphc.shaping import alike

half_sse = Op(
    "half_sse",
    "p, y",
    shape=alike,
    result="loss",
    definition="loss = 0.5 * sum(square(p - y))",
    samples=[given((3, 4), (3, 4)), given((5,), (5,)), given((), ())],
)

"""-a."""

from graphc.op import Op, given
from graphc.shaping import same

neg = Op(
    "neg",
    "a",
    shape=same,
    meaning="-{a}",
    code="negative({a}, out={y})",
    adjoint="da = -dy",
    overwrites="a",
    elementwise=True,
    symbol="-a",
    identities=("--a = a", "-(a - b) = b - a", "-(a * C) = a * -C"),
    samples=[given((3, 4)), given((5,)), given(())],
)

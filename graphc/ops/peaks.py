"""1 where what a window holds is its largest m, else 0."""

from graphc.op import Op, given
from graphc.shaping import same

peaks = Op(
    "peaks",
    "w, m",
    shape=same,
    meaning="{w} == {m}[:, None, None]",
    code="equal({w}, {m}[:, None, None], out={y})",
    overwrites="w",
    hidden=True,
    samples=[given((2, 2, 3, 3, 1, 2), (2, 3, 1, 2))],
)

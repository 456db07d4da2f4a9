"""1 where u is at least `rate`, else 0: which elements a dropout keeps."""

from graphc.op import Attribute, Op, given
from graphc.shaping import compared, same, truth, truths

retained = Op(
    "retained",
    "u",
    shape=same,
    attributes={"rate": Attribute("number")},
    meaning=truth("{u} >= {rate}", "greater_equal({u}, {rate}"),
    code=compared("greater_equal({u}, {rate}"),
    needs=truths,
    overwrites="u",
    elementwise=True,
    hidden=True,
    samples=[given((3, 4), rate=0.5)],
)

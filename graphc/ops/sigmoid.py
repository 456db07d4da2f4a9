"""1 / (1 + exp(-x)), computed as e / (1 + e) for e = exp(x).

The exponent is held below the largest that the precision has, so nothing overflows. The slope is
y * (1 - y), with 1 - y spelt as 1 / (1 + e): the difference would cancel for large x.
"""

from graphc.op import Op, given
from graphc.shaping import same

sigmoid = Op(
    "sigmoid",
    "x",
    shape=same,
    definition="e = exp(minimum(x, largest_exponent)); y = e / (e + 1)",
    adjoint="e = exp(minimum(x, largest_exponent)); dx = dy * (y / (e + 1))",
    taught="dx = dy * y * (1 - y)",
    squashes=True,
    samples=[given((3, 4)), given((5,)), given(())],
)

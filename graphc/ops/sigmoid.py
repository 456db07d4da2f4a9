"""1 / (1 + exp(-x)).

The exponent is held below the largest that the precision has, so nothing overflows. The slope is
y * (1 - y), with 1 - y spelt as e * y for e = exp(-x): the difference would cancel for large x.
"""

from graphc.op import Op, given
from graphc.shaping import same

sigmoid = Op(
    "sigmoid",
    "x",
    shape=same,
    definition="e = exp(minimum(-x, largest_exponent)); y = 1 / (e + 1)",
    adjoint="e = exp(minimum(-x, largest_exponent)); dx = dy * (e * y * y)",
    squashes=True,
    samples=[given((3, 4)), given((5,)), given(())],
)

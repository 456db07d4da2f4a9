"""x * sigmoid(x), also called swish, by e = exp(-|x|), so that nothing overflows.

The slope is sigmoid(x) + x * e / (1 + e)**2.
"""

from graphc.op import Op, given
from graphc.shaping import same

silu = Op(
    "silu",
    "x",
    shape=same,
    definition="e = exp(-abs(x)), y = (maximum(x, 0) + minimum(x, 0) * e) / (e + 1)",
    adjoint="""
        e = exp(-abs(x)),
        dx = dy * ((maximum(e, greater(x, 0)) + x * e / (e + 1)) / (e + 1))
    """,
    taught="s = sigmoid(x), dx = dy * (s + y * (1 - s))",
    samples=[given((3, 4)), given((5,)), given(())],
)

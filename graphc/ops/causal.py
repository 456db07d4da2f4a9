"""Scores of which each row sees the columns up to its own, else `fill`, which a softmax makes 0.

The last two axes are [rows, columns]; the last row sees the last column: where there are more
columns than rows, row i sees column j if j <= i + columns - rows.
"""

from graphc.dims import Mismatch, Shape, Solver, show
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    x = operands[0]
    if len(x) < 2:
        have = f"these are {show(solver.shape(x))}" if x else "this is a single number"
        raise Mismatch(f"the scores need two axes, [..., rows, columns]; {have}")
    return x


causal = Op(
    "causal",
    "scores",
    shape=_shape,
    attributes={"fill": Attribute("number", -1e9)},
    definition="""
        mask = lower_triangle(size(scores, -2), size(scores, -1)), y = masked(scores, mask, fill)
    """,
    samples=[
        given((3, 3), fill=-1.5),
        given((2, 3, 5), fill=-1.5),
        given((4, 2), fill=0),
        given((1, 1), fill=1),
    ],
)

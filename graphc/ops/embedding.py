"""The rows of a table, by their numbers: [rows, width] and ids [...] give [..., width].

A row that is used several times gets the sum of its gradients.
"""

from graphc.dims import Mismatch, Shape, Solver, show
from graphc.op import Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    ids, table = operands
    if len(table) != 2:
        have = show(solver.shape(table)) if table else "a single number"
        swapped = len(ids) == 2 and all(size.known for size in ids)
        hint = "the ids come first: are the two swapped?" if swapped else ""
        raise Mismatch(f"a table has rows, [rows, width], and this one is {have}", help=hint)
    rows = solver.resolve(table[0])
    if rows.known is None and not rows.open:
        message = f"how many rows the table {show(solver.shape(table))} has must be a fixed number"
        raise Mismatch(message, help="else nothing can tell whether an id is one of its rows")
    return (*ids, table[1])


embedding = Op(
    "embedding",
    "ids, table",
    shape=_shape,
    meaning="{table}[{ids}]",
    # ids were checked at the door: `clip` is the mode that writes straight into `out`
    code='{table}.take({ids}, 0, out={y}, mode="clip")',
    adjoint="dtable = segment_sum(ids, dy, size(table, 0))",
    integers={"ids": lambda shapes, given: shapes[1][0]},
    samples=[given((3,), (4, 2)), given((2, 3), (5, 4)), given((), (3, 2)), given((6,), (2, 1))],
)

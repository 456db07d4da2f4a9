"""The rows of x added up, those of one id into one row: what an embedding's table gets back."""

from graphc.dims import Dim, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    return (Dim.of(attributes["rows"]), operands[1][-1])


segment_sum = Op(
    "segment_sum",
    "ids, x",
    shape=_shape,
    attributes={"rows": Attribute("size")},
    meaning="(arange({rows})[:, None] == {ids}.reshape(-1)) @ {x}.reshape({ids}.size, -1)",
    code="segment_sum({ids}, {x}, {y})",
    integers={"ids": lambda shapes, given: Dim.of(given["rows"])},
    hidden=True,
    helper='''
def segment_sum(ids, x, out):
    """The sum of the rows of x for each id, in the row of `out` that the id names."""
    width, columns = out.shape[1], np.arange(out.shape[1])
    ids, x = ids.reshape(-1, 1), x.reshape(-1)
    out[...] = 0
    some = 16384 // width + 1  # rows at a time
    for start in range(0, len(ids), some):
        places = ids[start : start + some] * width + columns  # in the flat array, where it is fast
        np.add.at(out.reshape(-1), places.reshape(-1), x[start * width : (start + some) * width])
    return out
''',
    samples=[
        given((3,), (3, 4), rows=5),
        given((2, 3), (2, 3, 4), rows=2),
        given((3,), (3, 4), rows=3),
        given((), (4,), rows=3),
    ],
)

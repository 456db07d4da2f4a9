"""The elements of x, row by row, in another shape; -1 stands for the size that fits."""

from graphc.dims import FITTING, Dim, Mismatch, Shape, Solver, show, size
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    elements = solver.resolve(size(solver.shape(operands[0])))
    wanted = [Dim.of(one) for one in attributes["shape"]]
    if wanted.count(FITTING) > 1:
        raise Mismatch("only one size can be left to fit", code="E0404")
    sizes = tuple(solver.fresh() if one == FITTING else one for one in wanted)
    if not solver.equal(size(sizes), elements):
        have = f"{show(solver.shape(operands[0]))} has {elements} elements"
        raise Mismatch(f"{have}, which do not fill {show(wanted)}".replace("-1", "_"))
    return solver.shape(sizes)


reshape = Op(
    "reshape",
    "x",
    shape=_shape,
    attributes={"shape": Attribute("shape")},
    meaning="{x}.reshape({shape})",
    adjoint="dx = reshape(dy, shape(x))",
    view=True,
    role="reshape",
    samples=[
        given((3, 4), shape=(2, 6)),
        given((2, 3, 4), shape=(6, -1)),
        given((4,), shape=(2, 2)),
    ],
)

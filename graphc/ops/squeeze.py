"""x without the axes in `axis`, whose size must be 1."""

from graphc.dims import ONE, Mismatch, Shape, Solver, show
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import axes_of


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    x = operands[0]
    gone = axes_of(attributes["axis"], len(x))
    for axis in gone:
        if not solver.equal(x[axis], ONE):
            shape = solver.shape(x)
            message = f"axis {axis} of {show(shape)} has the size {shape[axis].code}, not 1"
            hint = "only an axis of size 1 can be left out"
            raise Mismatch(message, help=hint, argument="axis")
    return tuple(size for axis, size in enumerate(x) if axis not in gone)


squeeze = Op(
    "squeeze",
    "x",
    shape=_shape,
    attributes={"axis": Attribute("some")},
    meaning="{x}.squeeze({axis})",
    adjoint="dx = expand_dims(dy, axis)",
    view=True,
    samples=[given((3, 1), axis=1), given((1, 3, 1), axis=(0, -1)), given((1,), axis=0)],
)

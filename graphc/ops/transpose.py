"""x with its axes in the order of `axes`; without `axes`, reversed.  `x.T` for short."""

from graphc.dims import Shape, Solver
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    shape, axes = operands[0], attributes["axes"]
    return shape[::-1] if axes is None else tuple(shape[axis] for axis in axes)


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    axes = attributes["axes"]
    if axes is None:
        return "dx = dy.T"
    return f"dx = transpose(dy, {[axes.index(axis) for axis in range(len(axes))]})"


transpose = Op(
    "transpose",
    "x",
    shape=_shape,
    attributes={"axes": Attribute("axes", None)},
    meaning=lambda shapes, given: "{x}.T" if given["axes"] is None else "{x}.transpose({axes})",
    adjoint=_adjoint,
    view=True,
    symbol=".T",
    role="permute",
    samples=[given((3, 4)), given((5,)), given((2, 3, 4)), given((2, 3, 4), axes=(1, 2, 0))],
)

"""x broadcast to a shape, in an array of its own."""

from graphc.dims import Shape, Solver
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    return tuple(attributes["shape"])


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    if not attributes["shape"]:
        return "{x}"
    return "{x}.copy()" if shapes[0] == tuple(attributes["shape"]) else "broadcast_to({x}, {shape})"


spread = Op(
    "spread",
    "x",
    shape=_shape,
    attributes={"shape": Attribute("shape")},
    meaning=_meaning,
    code="{y}[...] = {x}",
    adjoint="dx = narrow(dy, shape(x))",
    role="spread",
    hidden=True,
    samples=[given((4,), shape=(3, 4)), given((3, 1), shape=(3, 4)), given((), shape=(2, 2))],
)

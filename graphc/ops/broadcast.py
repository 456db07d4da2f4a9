"""x broadcast to a shape, in an array of its own; -1 stands for the size that x has there."""

from graphc.dims import FITTING, Dim, Mismatch, Shape, Solver, show
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    x, shape = operands[0], [Dim.of(one) for one in attributes["shape"]]
    extra = len(shape) - len(x)
    if extra >= 0:
        for axis, have in enumerate(x, extra):
            wanted = shape[axis] = have if shape[axis] == FITTING else shape[axis]
            found = solver.broadcast(have, wanted)
            if found is None or not solver.equal(found, wanted):
                break
        else:
            if FITTING not in shape:
                return tuple(shape)
    wanted_shape = show(attributes["shape"]).replace("-1", "_")
    raise Mismatch(f"{show(solver.shape(x))} does not broadcast to {wanted_shape}")


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    if not attributes["shape"]:
        return "{x}"
    return "{x}.copy()" if shapes[0] == tuple(attributes["shape"]) else "broadcast_to({x}, {shape})"


broadcast = Op(
    "broadcast",
    "x",
    shape=_shape,
    attributes={"shape": Attribute("shape")},
    meaning=_meaning,
    code="{y}[...] = {x}",
    adjoint="dx = narrow(dy, shape(x))",
    moves=True,
    role="spread",
    samples=[
        given((4,), shape=(3, 4)),
        given((3, 1), shape=(3, 4)),
        given((2, 1, 3), shape=(-1, 4, 3)),
        given((), shape=(2, 2)),
    ],
)

"""Random numbers of a shape, uniform in [0, 1), drawn anew for every training step."""

from graphc.dims import Shape, Solver
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    return tuple(attributes["shape"])


random = Op(
    "random",
    "",
    shape=_shape,
    attributes={"shape": Attribute("shape")},
    meaning="rng.random({shape}, DTYPE)",
    code="rng.random(out={y}, dtype=DTYPE)",
    drawn=True,
    hidden=True,
    samples=[given(shape=(3, 4)), given(shape=())],
)

"""x summed over the axes that broadcasting had stretched, back to a shape."""

from graphc.dims import ONE, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    return tuple(attributes["shape"])


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    wide, target = shapes[0], tuple(attributes["shape"])
    extra = len(wide) - len(target)
    pairs = enumerate(zip(wide[extra:], target, strict=True), extra)
    kept = [axis for axis, (a, b) in pairs if b == ONE and a != ONE]
    text = f"sum(x, {kept}, true)" if kept else "x"
    return f"y = sum({text}, {list(range(extra))})" if extra else f"y = {text}"


narrow = Op(
    "narrow",
    "x",
    shape=_shape,
    attributes={"shape": Attribute("shape")},
    definition=_definition,
    role="narrow",
    hidden=True,
    samples=[
        given((3, 4), shape=(4,)),
        given((3, 4), shape=(3, 1)),
        given((2, 3, 4), shape=(3, 1)),
        given((2, 3), shape=()),
    ],
)

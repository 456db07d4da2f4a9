"""max(x, 0).  The slope at 0 is 0.

The way back reads y, never x, so y may overwrite x.
"""

from collections.abc import Mapping

from graphc.dims import Shape
from graphc.op import Attributes, Op, Work, given
from graphc.shaping import same


def _code(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    # against a number NumPy goes element by element, against an array many at a time
    return f"maximum({{x}}, {'{zeros}' if shapes[0] else 'zero'}, out={{y}})"


def _needs(shapes: tuple[Shape, ...], attributes: Attributes) -> Mapping[str, Work]:
    return {"zeros": Work(shapes[0], fill=0, laid=True)} if shapes[0] else {}


relu = Op(
    "relu",
    "x",
    shape=same,
    meaning="maximum({x}, 0)",
    code=_code,
    needs=_needs,
    adjoint="dx = dy * greater(y, 0)",
    overwrites="x",
    elementwise=True,
    samples=[given((3, 4)), given((5,)), given(())],
)

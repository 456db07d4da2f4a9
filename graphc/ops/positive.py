"""1 where x > 0, else 0: the slope of relu."""

from collections.abc import Mapping

from graphc.dims import Shape
from graphc.op import Attributes, Op, Work, given
from graphc.shaping import same


def _code(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    # a comparison that writes numbers converts them piece by piece, which takes longer
    whole = "copyto({y}, greater({x}, zero, out={mask}))"
    return whole if shapes[0] else "greater({x}, zero, out={y})"


def _needs(shapes: tuple[Shape, ...], attributes: Attributes) -> Mapping[str, Work]:
    return {"mask": Work(shapes[0], "bool")} if shapes[0] else {}


positive = Op(
    "positive",
    "x",
    shape=same,
    meaning="heaviside({x}, 0)",  # a number, which can be added up; `x > 0` is a truth
    code=_code,
    needs=_needs,
    overwrites="x",
    elementwise=True,
    hidden=True,
    samples=[given((3, 4)), given(())],
)

"""A row of `classes` numbers for every label: 1 in the column of the label, else 0."""

from graphc.dims import Dim, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    return (*operands[0], Dim.of(attributes["classes"]))


one_hot = Op(
    "one_hot",
    "labels",
    shape=_shape,
    attributes={"classes": Attribute("size")},
    definition="y = is_class(labels, arange(classes))",
    integers={"labels": lambda shapes, given: Dim.of(given["classes"])},
    samples=[given((3,), classes=4), given((2, 3), classes=2), given((), classes=5)],
)

"""A row of `classes` numbers for every label: 1 in the column of the label, else 0."""

from graphc.dims import Dim, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given

MOST = 256  # classes: rows of an identity matrix, which is made once, are copied in a sixth of
# the time that comparing takes; that of 256 rows takes 256 kB


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    return (*operands[0], Dim.of(attributes["classes"]))


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    classes = Dim.of(attributes["classes"]).known
    if classes is not None and classes <= MOST:
        return "y = embedding(labels, eye(classes))"
    return "y = is_class(labels, arange(classes))"


one_hot = Op(
    "one_hot",
    "labels",
    shape=_shape,
    attributes={"classes": Attribute("size")},
    definition=_definition,
    integers={"labels": lambda shapes, given: Dim.of(given["classes"])},
    samples=[given((3,), classes=4), given((2, 3), classes=2), given((), classes=5)],
)

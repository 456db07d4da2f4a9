"""x, each element 0 with the probability `rate`, else divided by 1 - rate; in evaluation x itself.

So the mean stays what it is. Every call draws numbers of its own, anew for each training step
(Srivastava et al. 2014).
"""

from graphc.dims import Shape
from graphc.op import Attribute, Attributes, Op, given
from graphc.shaping import same


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    if not attributes["rate"]:
        return "y = x"
    return "m = retained(random(shape(x)), rate) / (1 - rate), y = x * m"


def _evaluation(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    return "y = x" if attributes["rate"] else ""


dropout = Op(
    "dropout",
    "x",
    shape=same,
    attributes={"rate": Attribute("number", 0.5, interval="[0, 1)")},
    definition=_definition,
    evaluation=_evaluation,
    samples=[given((3, 4)), given((5,), rate=0.25), given((2, 3, 4), rate=0), given(())],
)

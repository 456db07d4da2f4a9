"""-log(softmax(logits)) at the label, a number for each row.

Labels are class numbers (integers, without the class axis) or one row of class weights each
(one-hot, or any that sum to 1); the classes are the last axis of the logits.
"""

from graphc.dims import ONE, Dim, Mismatch, Shape, Solver, show
from graphc.op import Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    logits, labels = operands
    if not logits:
        raise Mismatch("the logits need an axis of classes")
    rows = logits[:-1] if len(labels) < len(logits) else logits
    if len(labels) != len(rows) or not all(map(solver.equal, labels, rows)):
        logits, labels = solver.shape(logits), solver.shape(labels)
        raise Mismatch(
            f"logits {show(logits)} need labels {show(logits[:-1])} (class numbers)"
            f" or {show(logits)} (one-hot); these are {show(labels)}",
            tuple(dim for pair in zip(logits, labels, strict=False) for dim in pair),
            _advice(logits, labels),
        )
    return logits[:-1]


def _advice(logits: Shape, labels: Shape) -> str:
    if labels[:-1] == logits:
        return "the logits come first: are the two swapped?"
    if labels == (*logits[:-1], ONE):
        return f"labels have no axis of their own: `squeeze` makes {show(logits[:-1])} of them"
    if len(labels) == 1 and len(logits) > 2:
        return (
            "there are several rows of scores for each label: is a `flatten` missing before them?"
        )
    return ""


def _classes(shapes: tuple[Shape, ...], attributes: Attributes) -> Dim | None:
    return shapes[0][-1] if len(shapes[1]) < len(shapes[0]) else None


def _target(shapes: tuple[Shape, ...]) -> str:
    one_hot = len(shapes[1]) == len(shapes[0])
    return "t = labels" if one_hot else "t = one_hot(labels, size(logits, -1))"


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    return f"{_target(shapes)}, loss = -sum(t * log_softmax(logits), -1)"


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    target, back = _target(shapes), f"expand_dims(dloss, [{len(shapes[0]) - 1}])"
    if len(shapes[1]) < len(shapes[0]):
        return f"{target}, dlogits = {back} * (softmax(logits) - t)"
    return (
        f"{target}, dlogits = {back} * (softmax(logits) * sum(t, -1, true) - t),"
        f"dlabels = {back} * -log_softmax(logits)"
    )


softmax_cross_entropy = Op(
    "softmax_cross_entropy",
    "logits, labels",
    shape=_shape,
    result="loss",
    definition=_definition,
    adjoint=_adjoint,
    finite={"labels": (0.0, 1.0)},
    stable=("softmax_cross_entropy(softmax(z), y) = softmax_cross_entropy(z, y)",),
    integers={"labels": _classes},
    takes_logits="logits",
    truth="labels",
    classes="logits",
    samples=[given((3, 4), (3,)), given((3, 4), (3, 4)), given((2, 3, 4), (2, 3)), given((4,), ())],
)

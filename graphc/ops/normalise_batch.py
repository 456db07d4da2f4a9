"""x less its mean, over its deviation, times gamma plus beta, for each channel: along axis 1.

In training mean and variance are those of the batch, over all other axes; in evaluation they are
the operands `mean` and `variance`, frozen parameters that each training step moves by `momentum`
towards those of its batch (Ioffe & Szegedy 2015). As in PyTorch, the batch is divided by its biased
deviation, and the unbiased variance is what runs.
"""

from graphc.dims import Mismatch, Shape, Solver, show
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    x, *channels = operands
    if len(x) < 2:
        raise Mismatch(f"{show(solver.shape(x))} has no axis of channels", help="that is axis 1")
    for one in channels:
        if len(one) != 1 or not solver.equal(one[0], x[1]):
            x, one = solver.shape(x), solver.shape(one)
            raise Mismatch(
                f"{show(x)} has {x[1]} channels, and needs a number for each, not {show(one)}",
                (x[1], *one[:1]) if one else (),
            )
    return x


def _axes(shapes: tuple[Shape, ...]) -> list[int]:
    """All axes but that of the channels."""
    return [0, *range(2, len(shapes[0]))]


def _wide(name: str, shapes: tuple[Shape, ...]) -> str:
    """How a rule writes one number for each channel beside x: a 1 for each axis behind."""
    behind = list(range(1, len(shapes[0]) - 1))
    return f"expand_dims({name}, {behind})" if behind else name


def _n(shapes: tuple[Shape, ...]) -> str:
    return f"(x - {_wide('m', shapes)}) / {_wide('s', shapes)}"


def _definition(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    axes = _axes(shapes)
    gamma, beta = _wide("gamma", shapes), _wide("beta", shapes)
    return (
        f"m = mean(x, {axes}), squares = sum(square(x - {_wide('m', shapes)}), {axes}),"
        f" v = squares / size(x, {axes}), s = sqrt(v + epsilon),"
        f" y = {_n(shapes)} * {gamma} + {beta}"
    )


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    axes = _axes(shapes)
    k, a, b = (_wide(each, shapes) for each in ("gamma / s", "dbeta / count", "dgamma / count"))
    return (
        f"{_definition(shapes, attributes)}, n = {_n(shapes)}, count = size(x, {axes}),"
        f" k = {k}, a = {a}, b = {b}, dx = k * (dy - a - n * b),"
        f" dgamma = sum(dy * n, {axes}), dbeta = sum(dy, {axes})"
    )


def _evaluation(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    mean, beta = _wide("mean", shapes), _wide("beta", shapes)
    k = _wide("gamma / sqrt(variance + epsilon)", shapes)
    k = f"({k})" if len(shapes[0]) == 2 else k
    return f"y = (x - {mean}) * {k} + {beta}"


def _tracks(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    return (
        "mean' = (1 - momentum) * mean + momentum * m,"
        f" count = size(x, {_axes(shapes)}),"
        " variance' = (1 - momentum) * variance + momentum * squares / maximum(count - 1, 1)"
    )


_C = (4,)

normalise_batch = Op(
    "normalise_batch",
    "x, gamma, beta, mean, variance",
    shape=_shape,
    attributes={
        "momentum": Attribute("number", 0.1, interval="[0, 1]"),
        "epsilon": Attribute("number", 1e-5, interval="(0, inf)"),
    },
    definition=_definition,
    adjoint=_adjoint,
    evaluation=_evaluation,
    tracks=_tracks,
    domain={"variance": (0.5, 2.0)},
    finite={
        "x": (-1e14, 1e14),
        "gamma": (-1e14, 1e14),
        "mean": (-1e14, 1e14),
        "variance": (0.0, 1e30),
    },
    samples=[
        given((3, 4), _C, _C, _C, _C),
        given((2, 4, 3), _C, _C, _C, _C),
        given((2, 4, 3, 2), _C, _C, _C, _C),
        given((1, 4), _C, _C, _C, _C, momentum=1),
    ],
)

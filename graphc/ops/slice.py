"""The elements of x from `start` to before `stop` along an axis, every `step`-th.

As in Python: counted from 0, from the end if negative. What lies outside x is an error. Where the
size of the axis shows only when the model runs, it must be certain that the slice lies in it.
"""

from graphc.dims import Dim, Mismatch, Shape, Solver, show
from graphc.op import Attribute, Attributes, Op, given

ZERO = Dim.of(0)


def _below_zero(dim: Dim) -> bool:
    """Whether a size is negative, whatever the run-time sizes are."""
    least = (ZERO - dim).least
    return not dim.open and least is not None and least > 0


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    x, axis = solver.shape(operands[0]), attributes["axis"]
    size, step = x[axis], Dim.of(attributes["step"]).known
    if step is None:
        raise Mismatch("a step is a number", code="E0404", argument="step")
    start, stop = (
        default if attributes[name] is None else Dim.of(attributes[name])
        for name, default in (("start", ZERO), ("stop", size))
    )
    start, stop = (size + end if _below_zero(end) else end for end in (start, stop))
    length = stop - start
    for name, room in (("start", start), ("start", size - start), ("stop", size - stop)):
        _insist_inside(room, name, attributes[name], axis, x)
    if length.known == 0 or _below_zero(length):
        raise Mismatch("nothing is left between `start` and `stop`", code="E0405")
    _insist_inside(length, "stop", attributes["stop"], axis, x)
    return (*x[:axis], _steps(length, step), *x[axis + 1 :])


def _insist_inside(room: Dim, name: str, end: object, axis: int, x: Shape) -> None:
    """Raises Mismatch unless there is room between an end of the slice and the edge of x."""
    if room.open or (room.least is not None and room.least >= 0):
        return
    if _below_zero(room):
        count = f"{x[axis].code} element{'s' if x[axis].known != 1 else ''}"
        message = f"`{name} = {end}` lies outside axis {axis} of {show(x)}, which has {count}"
        raise Mismatch(message, code="E0405", argument=name)
    message = (
        f"how large axis {axis} of {show(x)} is shows only when the model runs,"
        " and the slice might lie outside"
    )
    hint = "give the axis a fixed size; only `0, 1`, `1`, `0, -1` and `-1` lie inside any"
    raise Mismatch(message, code="E0405", help=hint)


def _steps(length: Dim, step: int) -> Dim:
    """How many steps it takes to go through a length."""
    if length.known is not None:
        return Dim.of(-(-length.known // step))
    if (steps := length // Dim.of(step)) is None:
        message = f"the number of steps of {step} in {length.code} shows only when the model runs"
        raise Mismatch(message, code="E0405", argument="step")
    return steps


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    start = "{start}" if attributes["start"] else ""
    stop = "" if attributes["stop"] is None else "{stop}"
    step = ":{step}" if attributes["step"] != 1 else ""
    before = ":, " * attributes["axis"]
    return f"{{x}}[{before}{start}:{stop}{step}]"


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    ends = []
    for name, default in (("start", "0"), ("stop", "size(x, axis)")):
        end = attributes[name]
        negative = end is not None and _below_zero(Dim.of(end))
        ends.append(default if end is None else f"size(x, axis) + {name}" if negative else name)
    return f"dx = pad(dy, {', '.join(ends)}, step, axis, size(x, axis))"


slice = Op(
    "slice",
    "x",
    shape=_shape,
    attributes={
        "start": Attribute("place"),
        "stop": Attribute("place", None),
        "step": Attribute("size", 1),
        "axis": Attribute("one", 0),
    },
    meaning=_meaning,
    adjoint=_adjoint,
    view=True,
    samples=[
        given((5, 3), start=1, stop=3),
        given((5, 3), start=-2),
        given((2, 7), start=1, stop=-1, axis=1),
        given((2, 7, 3), start=0, step=3, axis=-2),
        given((7,), start=2, stop=6, step=2),
    ],
)

"""Shape rules that operations share, and what an axis may be."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from graphc.dims import ONE, Dim, Mismatch, Shape, Solver, show, size
from graphc.op import AXES, Attributes, TextRule, Work, doubled

Pair = tuple[int, int]
LARGEST_IMAGE = 2**34  # numbers of one channel
CHANNELS = 4  # images have no more than these, so that a last axis that short is surely theirs


def same(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    """The first operand's shape."""
    return operands[0]


def broadcast(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    """NumPy's broadcasting: sizes are matched from the right, 1 stretches."""
    result, *others = operands
    for operand in others:
        if operand == result:
            continue
        rank = max(len(result), len(operand))
        left, right = (((ONE,) * (rank - len(shape)) + shape) for shape in (result, operand))
        sizes = []
        for a, b in zip(left, right, strict=True):
            dim = solver.broadcast(a, b)
            if dim is None:
                shapes = " and ".join(show(solver.shape(shape)) for shape in operands)
                raise Mismatch(f"{shapes} do not broadcast", (a, b), _column_hint(operands))
            sizes.append(dim)
        result = tuple(sizes)
    return result


def _column_hint(operands: tuple[Shape, ...]) -> str:
    """The advice where a row should be a column, or a column a row."""
    vector, matrix = min(operands, key=len), max(operands, key=len)
    if len(vector) == 1 and len(matrix) == 2 and vector[0] == matrix[0]:
        return f"an array of the shape {show((*vector, ONE))} is added to every column"
    for one, other in zip(operands, operands[::-1], strict=True):
        if len(one) == 2 and other == (one[1], ONE):
            return f"an array of the shape {show(one[1:])} goes with every row"
    return ""


def alike(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    """A scalar from operands of one shape."""
    paired(solver, operands, attributes)
    return ()


def paired(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    """The one shape of two operands: what a loss compares must not broadcast."""
    first, second = operands
    shapes = " and ".join(show(solver.shape(shape)) for shape in operands)
    message = f"a loss compares arrays of one shape; these are {shapes}"
    if len(first) != len(second):
        longer, shorter = sorted(operands, key=len, reverse=True)
        advice = f"give both the shape {show(solver.shape(longer))}"
        advice += ": broadcasting would compare rows with other rows"
        raise Mismatch(message, (longer[-1], shorter[-1]) if shorter else (), advice)
    for a, b in zip(first, second, strict=True):
        if not solver.equal(a, b):
            raise Mismatch(message, (a, b))
    return first


def reduced(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    """The shape without the axes in `axis` (none: without any), or with 1 there (`keepdims`)."""
    shape, gone = operands[0], axes_of(attributes["axis"], len(operands[0]))
    if attributes["keepdims"]:
        return tuple(ONE if axis in gone else dim for axis, dim in enumerate(shape))
    return tuple(dim for axis, dim in enumerate(shape) if axis not in gone)


def meaning_of(method: str) -> TextRule:
    """The meaning of a reduction that is a method of NumPy's arrays."""

    def meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
        if not shapes[0]:
            return "{x}"
        if attributes["axis"] is None and not attributes["keepdims"]:
            return f"{{x}}.{method}()"
        keep = ", keepdims=True" if attributes["keepdims"] else ""
        return f"{{x}}.{method}(axis={{axis}}{keep})"

    return meaning


def code_of(function: str) -> TextRule:
    """The code of a reduction by a binary function of NumPy's."""
    return partial(reduce, function)


def reduce(function: str, shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    """The code of a reduction of one operand's shape by a binary function."""
    if not shapes[0]:
        return "{y}[...] = {x}"
    keep = ", keepdims=True" if attributes["keepdims"] else ""
    return f"{function}.reduce({{x}}, axis={{axis}}{keep}, out={{y}})"


def truth(infix: str, call: str) -> TextRule:
    """The meaning of a comparison, as Python and as NumPy write it: a number, to be added up."""

    def meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
        # Python's own truth, of two numbers, has no type to change
        return f"({infix}).astype(DTYPE)" if any(shapes) else f"{call}).astype(DTYPE)"

    return meaning


def compared(call: str) -> TextRule:
    """The code of a comparison, begun as a call: truths, copied, for NumPy converts them slower."""

    def code(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
        return f"{{y}}[...] = {call}, out={{mask}})" if any(shapes) else f"{call}, out={{y}})"

    return code


def truths(shapes: tuple[Shape, ...], attributes: Attributes) -> Mapping[str, Work]:
    """The array of a comparison's truths."""
    shape = broadcast(Solver(), shapes, attributes)
    return {"mask": Work(shape, "bool")} if shape else {}


def restored(value: str, shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    """A reduced value, in a rule, with the axes that it lost: it broadcasts against the operand."""
    gone = axes_of(attributes["axis"], len(shapes[0]))
    leading = gone == tuple(range(len(gone)))
    whole = attributes["keepdims"] or leading
    return value if whole else f"expand_dims({value}, {list(gone)})"


def joined(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    """The shape of windows, [channels, rows, columns, ...], when each is joined to one number."""
    (m, _, _, *rest) = operands[0]
    return (m, *rest)


def shared_by_the_first(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    """The derivative of a reduction to one element: all that equal it share the gradient."""
    y, share = (restored(one, shapes, attributes) for one in ("y", "dy / sum(t, axis, keepdims)"))
    return f"t = equal(x, {y}), dx = t * {share}"


def axes_of(axis: int | tuple[int, ...] | None, rank: int) -> tuple[int, ...]:
    """The axes that an `axis` argument names."""
    if axis is None:
        return tuple(range(rank))
    return (axis,) if isinstance(axis, int) else axis


def count(shape: Shape, axis: int | tuple[int, ...] | None) -> Dim:
    """How many elements a reduction over `axis` takes in."""
    return size([shape[one] for one in axes_of(axis, len(shape))])


def normalised(kind: str, value: Any, shapes: tuple[Shape, ...]) -> Any:
    """An attribute's value, axes counted from the front, one number made a pair.

    Raises Mismatch for an axis out of range.
    """
    if kind == "shape":
        return tuple(map(Dim.of, value))
    if kind in {"size", "place"} and isinstance(value, Dim):
        return value if value.known is None else value.known
    if value is None or kind not in AXES or not shapes:
        return doubled(kind, value)
    shape, find = shapes[0], _new if kind == "new" else _axis
    if isinstance(value, int):
        return find(value, shape, 1)
    axes = tuple(find(one, shape, len(value)) for one in value)
    if twice := [axis for place, axis in enumerate(axes) if axis in axes[:place]]:
        hint = "those below 0 are counted from the end" if min(value) < 0 else ""
        raise Mismatch(f"axis {twice[0]} is named twice", code="E0303", help=hint)
    if kind == "axes" and len(axes) != len(shape):
        named = f"{len(axes)} {'is' if len(axes) == 1 else 'are'} named"
        message = f"{show(shape)} has {len(shape)} axes, and {named}"
        raise Mismatch(message, code="E0303", help="name every axis once")
    return axes


def _new(value: int, shape: Shape, count: int) -> int:
    """A new axis by its place in the result, which has `count` axes more."""
    rank = len(shape) + count
    if not -rank <= value < rank:
        axes = f"has {rank} axes" if rank > 1 else "has one axis"
        message = f"there is no axis {value} in the result, which {axes}"
        raise Mismatch(message, code="E0303", help="a new axis is counted in the result, from 0")
    return value % rank


def _axis(value: int, shape: Shape, count: int = 1) -> int:
    rank = len(shape)
    if not -rank <= value < rank:
        if rank == 0:
            raise Mismatch("a single number has no axes", code="E0303")
        known = ("its only axis is 0", "its axes are 0 and 1")
        axes = known[rank - 1] if rank < 3 else f"its axes are 0 to {rank - 1}"
        raise Mismatch(f"there is no axis {value} in {show(shape)}", code="E0303", help=axes)
    return value % rank


def sliding(
    solver: Solver, images: Shape, size: Pair, stride: Pair, padding: Pair = (0, 0)
) -> tuple[Dim, Dim]:
    """How many windows stand below and beside each other; those that stand out are left out.

    Raises Mismatch unless images are [batch, channels, height, width], of known height and width,
    and a window fits in.
    """
    images = solver.shape(images)
    if len(images) != 4:
        message = f"images are [batch, channels, height, width], and these are {show(images)}"
        raise Mismatch(message, help="one channel is `reshape(x, [batch, 1, height, width])`")
    height, width = (dim.known for dim in images[2:])
    if height is None or width is None:
        message = "the height and width of images must be numbers, and these are"
        raise Mismatch(f"{message} {show(images[2:])}")
    padded = [height + 2 * padding[0], width + 2 * padding[1]]
    if any(one > length for one, length in zip(size, padded, strict=True)):
        around = " with their padding" if any(padding) else ""
        message = f"windows of {list(size)} are larger than the images, {padded}{around}"
        flat = width <= CHANNELS < height
        raise Mismatch(message, help="channels come before height and width" if flat else "")
    if padded[0] * padded[1] > LARGEST_IMAGE:
        raise Mismatch(f"images of {padded} with their padding are too large", code="E0308")
    high, wide = (
        (length - one) // step + 1 for length, one, step in zip(padded, size, stride, strict=True)
    )
    return Dim.of(high), Dim.of(wide)


def pooled(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    """One value for each window; raises Mismatch where one might hold nothing but padding."""
    size, padding = attributes["size"], attributes["padding"]
    stride = attributes["stride"] or size
    if any(2 * more > one for one, more in zip(size, padding, strict=True)):
        message = f"a padding of {list(padding)} is more than half of the window, {list(size)}"
        raise Mismatch(message, code="E0405")
    places = sliding(solver, operands[0], size, stride, padding)
    return (*operands[0][:2], *places)

"""The sum of products over axes that a and b share: the last `axes` of a and the first of b.

`axes` may also be two lists: the last axes of both, or the first of both.
"""

from graphc.dims import Mismatch, Shape, Solver, size
from graphc.op import Attribute, Attributes, Op, given

Axes = tuple[int, ...]


def _axes(shapes: tuple[Shape, ...], attributes: Attributes) -> tuple[Axes, Axes]:
    """The axes of a and of b that are summed over."""
    match attributes["axes"]:
        case int() as count:
            rank = len(shapes[0])
            return tuple(range(rank - count, rank)), tuple(range(count))
        case (left, right):
            return tuple(left), tuple(right)
    raise TypeError("axes are a number or two lists")


def _kept(shape: Shape, summed: Axes) -> Shape:
    return tuple(dim for axis, dim in enumerate(shape) if axis not in summed)


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    (a, b), (left, right) = operands, _axes(operands, attributes)
    for one, other in zip(left, right, strict=True):
        if not solver.equal(a[one], b[other]):
            raise Mismatch(f"the sizes {a[one]} and {b[other]} differ", (a[one], b[other]))
    return (*_kept(a, left), *_kept(b, right))


def _code(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    """A product of matrices: the axes that are summed over are one of theirs, the rest the other.

    Each matrix is told by the length of its columns, so that run-time sizes may stand in its rows.
    """
    (a, b), (left, right) = shapes, _axes(shapes, attributes)
    first, second = left[0] == 0, right[0] == 0
    heights = [a[: len(left)] if first else _kept(a, left)]
    heights += [b[: len(right)] if second else _kept(b, right), _kept(a, left)]
    one, two, three = (f"reshape({size(height).code}, -1)" for height in heights)
    one, two = one + ".T" * first, two + ".T" * (not second)
    return f"{{a}}.{one}.dot({{b}}.{two}, out={{y}}.{three})"


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    (a, b), (left, right) = shapes, _axes(shapes, attributes)
    rows, columns = len(a) - len(left), len(b) - len(right)

    def first(count: int) -> str:
        return f"[{[*range(count)]}, {[*range(count)]}]"

    def last(count: int, *ranks: int) -> str:
        one, other = ([*range(rank - count, rank)] for rank in ranks)
        return f"[{one}, {other}]"

    match left[0] == 0, right[0] == 0:
        case True, True:
            da = f"tensordot(b, dy, {last(columns, len(b), rows + columns)})"
            db = f"tensordot(a, dy, {rows})"
        case False, False:
            da = f"tensordot(dy, b, {columns})"
            db = f"tensordot(dy, a, {first(rows)})"
        case _:
            da = f"tensordot(dy, b, {last(columns, rows + columns, len(b))})"
            db = f"tensordot(a, dy, {first(rows)})"
    return f"da = {da}, db = {db}"


tensordot = Op(
    "tensordot",
    "a, b",
    shape=_shape,
    attributes={"axes": Attribute("places")},
    meaning="tensordot({a}, {b}, {axes})",
    code=_code,
    adjoint=_adjoint,
    hidden=True,
    samples=[
        given((3, 2, 4), (2, 4, 5), axes=2),
        given((2, 3, 1, 2), (3, 1, 2, 2, 3, 2), axes=3),
        given((2, 4, 5), (3, 4, 5), axes=((1, 2), (1, 2))),
        given((3, 2, 4), (3, 5), axes=((0,), (0,))),
    ],
)

"""a @ b: the matrix product by NumPy's rules, also batched and with vectors."""

from graphc.dims import Mismatch, Shape, Solver, show
from graphc.op import Attributes, Op, given
from graphc.shaping import broadcast


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    a, b = operands
    if not a or not b:
        raise Mismatch("a matrix product needs arrays, not a number", help="multiply with `*`")
    inner = a[-1], b[0 if len(b) == 1 else -2]
    if not solver.equal(*inner):
        a, b = solver.shape(a), solver.shape(b)
        left, right = solver.resolve(inner[0]), solver.resolve(inner[1])
        raise Mismatch(
            f"{show(a)} @ {show(b)}: the inner sizes {left} and {right} differ",
            (left, right),
            _advice(a, b),
        )
    batch = broadcast(solver, (a[:-2], b[:-2]), {})
    return (*batch, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


def _advice(a: Shape, b: Shape) -> str:
    """What makes a product of two matrices, or of stacks of them, that do not fit."""
    if len(a) == len(b) == 2 and a[0] == b[-1]:
        return "the two fit when they change places"
    if not _stackable(a, b):
        return ""
    if len(b) > 1 and b[-1] == a[-1]:
        return f"the second array fits when {_turned(b)}"
    if len(a) > 1 and len(b) > 1 and a[-2] == b[-2]:
        return f"the first array fits when {_turned(a)}"
    return ""


def _stackable(a: Shape, b: Shape) -> bool:
    """Whether the axes before the matrices go together."""
    try:
        broadcast(Solver(), (a[:-2], b[:-2]), {})
    except Mismatch:
        return False
    return True


def _turned(matrices: Shape) -> str:
    if len(matrices) == 2:
        return "it is transposed"
    return "each matrix in it is transposed, by `matrix_transpose`: `.T` turns all axes"


def _code(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    left, right = shapes
    if len(left) > 2 and len(right) == 2 and all(size.known for size in right):
        rows, columns = right  # one product for the whole batch
        return f"{{a}}.reshape(-1, {rows.code}).dot({{b}}, out={{y}}.reshape(-1, {columns.code}))"
    flat = all(len(shape) <= 2 for shape in shapes)
    return "{a}.dot({b}, out={y})" if flat else "matmul({a}, {b}, out={y})"


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    left, right = map(len, shapes)
    match left, right:
        case (1, 1):
            return "da = dy * b, db = dy * a"
        case (1, 2):
            return "da = b @ dy, db = expand_dims(a, [1]) * dy"
        case (2, 1):
            return "da = expand_dims(dy, [1]) * b, db = dy @ a"
        case (2, 2):
            return "da = dy @ b.T, db = a.T @ dy"
        case (1, rank):
            row = f"expand_dims(dy, [{rank - 2}])"
            return f"da = {row} @ {_swapped('b', rank)}, db = expand_dims(a, [1]) * {row}"
        case (rank, 1):
            column = f"expand_dims(dy, [{rank - 1}])"
            return f"da = {column} * b, db = a * {column}"
        case (_, 2):
            rows = f"reshape(dy, [-1, {shapes[1][-1].code}])"
            return f"da = dy @ b.T, db = reshape(a, [-1, {shapes[1][0].code}]).T @ {rows}"
    return f"da = dy @ {_swapped('b', right)}, db = {_swapped('a', left)} @ dy"


def _swapped(name: str, rank: int) -> str:
    axes = [*range(rank - 2), rank - 1, rank - 2]
    return f"transpose({name}, {axes})" if rank > 2 else f"{name}.T"


matmul = Op(
    "matmul",
    "a, b",
    shape=_shape,
    meaning="{a} @ {b}",
    code=_code,
    adjoint=_adjoint,
    symbol="@",
    contracts={"a": ((-1,), (-2,)), "b": ((-2,), (-1,))},
    finite={"a": (-1e18, 1e18), "b": (-1e18, 1e18)},
    samples=[
        given((3, 4), (4, 2)),
        given((4,), (4,)),
        given((4,), (4, 2)),
        given((3, 4), (4,)),
        given((2, 3, 4), (4, 5)),
        given((2, 3, 4), (2, 4, 5)),
        given((3, 4), (2, 4, 5)),
        given((2, 1, 3, 4), (3, 4, 2)),
        given((4,), (2, 4, 5)),
        given((2, 3, 4), (4,)),
    ],
)

"""Arrays one behind the other along an axis; their other sizes are the same."""

from graphc.dims import Dim, Mismatch, Shape, Solver, show
from graphc.op import Attribute, Attributes, Op, given

FEW = 8  # parts: where there are more, those of one size are counted


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    first, axis = operands[0], attributes["axis"]
    total = Dim.of(0)
    for shape in operands:
        if len(shape) != len(first):
            have = " and ".join(show(solver.shape(one)) for one in (first, shape))
            message = f"only arrays with equally many axes can be joined; these are {have}"
            raise Mismatch(message, help="" if shape else "an axis is given by name: `axis = 1`")
    for shape in operands:
        for place, pair in enumerate(zip(first, shape, strict=True)):
            if place != axis and not solver.equal(*pair):
                have = " and ".join(show(solver.shape(one)) for one in (first, shape))
                message = f"{have} cannot be joined along axis {axis}: they differ in axis {place}"
                raise Mismatch(message, pair)
        total += solver.resolve(shape[axis])
    return (*first[:axis], total, *first[axis + 1 :])


def _parts(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    parts = ", ".join(f"{{part{place + 1}}}" for place in range(len(shapes)))
    return f"({parts}{',' if len(shapes) == 1 else ''}), axis={{axis}}"


def _adjoint(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    rules, start, counts = [], "0", dict[Dim, tuple[str, int]]()
    for place, shape in enumerate(shapes):
        part, size = f"part{place + 1}", shape[attributes["axis"]]
        first, count = counts.get(size, (part, 0))
        counts[size] = first, count + 1
        if len(shapes) > FEW:
            stop = " + ".join(f"{n} * size({one}, axis)" for one, n in counts.values())
        else:
            stop = f"size({part}, axis)" if start == "0" else f"{start} + size({part}, axis)"
        rules.append(f"d{part} = slice(dy, {start}, {stop}, axis = axis)")
        start = stop
    return ", ".join(rules)


concat = Op(
    "concat",
    "*part",
    shape=_shape,
    attributes={"axis": Attribute("one", 0)},
    meaning=lambda shapes, given: f"concatenate({_parts(shapes, given)})",
    code=lambda shapes, given: f"concatenate({_parts(shapes, given)}, out={{y}})",
    adjoint=_adjoint,
    moves=True,
    role="join",
    samples=[
        given((2, 3), (4, 3)),
        given((2, 3), (2, 1), (2, 4), axis=1),
        given((5,)),
        given((2, 1, 3), (2, 2, 3), axis=-2),
    ],
)

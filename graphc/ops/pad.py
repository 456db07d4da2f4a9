"""Zeros, in which x stands in a slice of one axis: what a slice sends back."""

from graphc.dims import Dim, Shape, Solver
from graphc.op import Attribute, Attributes, Op, given


def _shape(solver: Solver, operands: tuple[Shape, ...], attributes: Attributes) -> Shape:
    x, axis = operands[0], attributes["axis"]
    return (*x[:axis], Dim.of(attributes["total"]), *x[axis + 1 :])


def _index(attributes: Attributes) -> str:
    before, step = ":, " * attributes["axis"], ":{step}" if attributes["step"] != 1 else ""
    return f"np.s_[{before}{{start}}:{{stop}}{step}]"


def _meaning(shapes: tuple[Shape, ...], attributes: Attributes) -> str:
    stop, total, axis = (attributes[name] for name in ("stop", "total", "axis"))
    if attributes["step"] != 1:
        sizes = [f"{{x}}.shape[{place}]" for place in range(len(shapes[0]))]
        sizes[axis] = "{total}"
        shape = f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
        return f"padded({{x}}, {_index(attributes)}, np.zeros({shape}, {{x}}.dtype))"
    fixed = isinstance(stop, int) and isinstance(total, int)
    widths = ["(0, 0)"] * len(shapes[0])
    widths[axis] = "({start}, " + (f"{total - stop})" if fixed else "{total} - {stop})")
    return f"pad({{x}}, ({', '.join(widths)}{',' if len(widths) == 1 else ''}))"


pad = Op(
    "pad",
    "x",
    shape=_shape,
    attributes={
        "start": Attribute("place"),
        "stop": Attribute("place"),
        "step": Attribute("size"),
        "axis": Attribute("one"),
        "total": Attribute("size"),
    },
    meaning=_meaning,
    code=lambda shapes, given: f"padded({{x}}, {_index(given)}, {{y}})",
    role="pad",
    hidden=True,
    helper='''
def padded(x, place, out):
    """Zeros in `out`, and x at a place in it."""
    out[...] = 0
    out[place] = x
    return out
''',
    samples=[
        given((2, 3), start=1, stop=3, step=1, axis=0, total=5),
        given((2, 3), start=0, stop=6, step=2, axis=1, total=6),
        given((2,), start=3, stop=5, step=1, axis=0, total=5),
        given((2,), start=1, stop=5, step=2, axis=0, total=5),
    ],
)

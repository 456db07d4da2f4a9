"""plan -> the parameters: views into one flat vector, and how each starts."""

from __future__ import annotations

from graphc import printing
from graphc.dataflow import Node
from graphc.initial import Start, scale
from graphc.model import Model
from graphc.statements import Speller
from graphc.writer import Writer


def parameters(out: Writer, training: Speller, judging: Speller, model: Model) -> None:
    """The class of views into the flat vector, and the function that gives each its start."""
    plan, views = training.plan, dict[str, str]()
    for spell in (training, judging):
        views |= spell.views(
            key for keys in spell.plan.functions.values() for key in keys
        ).of_params
    nodes = {n.leaf.name: n for n in plan.graph.leaves("param") if n.leaf is not None}
    out.line("class Parameters:")
    with out.indented():
        out.line('"""Every parameter, or its gradient, as a view into one flat vector."""')
        out.line()
        out.line("def __init__(self, flat):")
        with out.indented():
            start = 0
            for one in model.parameters:
                name = plan.names[nodes[one.name].key]
                view = f"flat[{start}:{start + one.size}].reshape({one.shape!r})"
                out.line(f"self.{name} = {view}")
                start += one.size
            for view, of in views.items():
                out.line(f"self.{view} = self.{of}.T")
    out.line()
    out.line()
    out.line("def initialise(params, rng):")
    with out.indented():
        out.line('"""Gives every parameter its start."""')
        for one in model.parameters:
            node = nodes[one.name]
            value, note = _start(node, one.shape)
            code = f"params.{plan.names[node.key]}[...] = {value}"
            out.line(f"{code:<40}  # {note}" if note else code)
    out.line()
    out.line()


def _start(node: Node, shape: tuple[int, ...]) -> tuple[str, str]:
    """How a parameter starts, as Python over `rng`, and what it is called."""
    start = node.leaf.value if node.leaf is not None else None
    assert isinstance(start, Start)
    size = repr(shape)
    match start.name:
        case "zeros":
            return "0", ""
        case "ones":
            return "1", ""
        case "constant":
            return printing.literal(start.arguments[0]), ""
        case "values":
            return nested(start.values), ""
        case "normal":
            return f"rng.normal(0, {printing.literal(start.arguments[0])}, {size})", ""
        case "uniform":
            low, high = map(printing.literal, start.arguments)
            return f"rng.uniform({low}, {high}, {size})", ""
        case "orthogonal":
            return f"orthogonal(rng, {size})", "orthonormal rows or columns"
    assert start.fans is not None
    fan_in, fan_out = start.fans
    bound = printing.literal(scale(start.name, fan_in, fan_out))
    fans = f"fan-in {fan_in}" + (f", fan-out {fan_out}" if "xavier" in start.name else "")
    if start.name.endswith("normal"):
        return f"rng.normal(0, {bound}, {size})", f"{start.name}: {fans}"
    return f"rng.uniform(-{bound}, {bound}, {size})", f"{start.name}: {fans}"


def nested(values: object) -> str:
    """Numbers in tuples as Python lists."""
    if isinstance(values, tuple):
        return f"[{', '.join(map(nested, values))}]"
    return repr(values)

"""The value of each stage as text, for `--dump` and for the eye of a maintainer."""

from __future__ import annotations

from typing import Any

from graphc import tree
from graphc.dataflow import Graph, Node
from graphc.dims import show
from graphc.op import word
from graphc.plan import Plan
from graphc.printing import statement
from graphc.statements import Speller


def dumped(value: Any) -> str:
    """A stage's value: statements, nodes, or arrays and functions."""
    match value:
        case tree.File():
            kinds = [f"{type(one).__name__:<10} {statement(one)}" for one in value.statements]
            return "\n".join(kinds)
        case Graph():
            return graph(value)
        case None:
            return "the same as in training"
        case tuple():
            return "\n\n".join(plan(one) for one in value if isinstance(one, Plan))
    return str(value)


def graph(value: Graph) -> str:
    """A line per node: number, name, shape, what makes it; then the roots."""
    lines = [_node(node) for node in value.nodes]
    lines += [f"output {name} = %{key}" for name, key in value.outputs.items()]
    lines += [] if value.loss is None else [f"loss = %{value.loss}"]
    lines += [f"gradient of {name} = %{key}" for name, key in value.gradients.items()]
    lines += [f"next {name} = %{key}" for name, key in value.tracked.items()]
    return "\n".join(lines)


def _node(node: Node) -> str:
    operands = [f"%{key}" for key in node.operands]
    attributes = [f"{name} = {word(value)}" for name, value in node.attributes.items()]
    made = f"{node.kind}({', '.join([*operands, *attributes])})"
    if node.number is not None:
        made = str(node.number)
    elif node.leaf is not None:
        made = node.kind
    name = node.label or (f"d{node.gradient_of}" if node.gradient_of else "")
    name = name or (node.leaf.name if node.leaf is not None else "")
    side = "  backward" if node.origin.backward else ""
    return f"%{node.key:<4} {name:<10} {show(node.shape):<22} {made}{side}"


def plan(value: Plan) -> str:
    """The arrays with the names that share them, then the statements of each function."""
    spell = Speller(value, plain=False)
    lines = list[str]()
    for what, arrays in (("array", value.arrays), ("predicting", value.prediction.arrays)):
        for array in arrays:
            views = [f"{show(shape):<20} {', '.join(names)}" for shape, names in array.views]
            lines += [f"{what} {view}" for view in views[:1]] + [f"  room {v}" for v in views[1:]]
    lines += [f"constant {value.names[key]}" for key in value.constants]
    for name, keys in value.functions.items():
        lines += ["", f"{name}:", *(f"    {spell.line(key).code}" for key in keys)]
    return "\n".join(lines)

"""An operation -> all about it, for people."""

from __future__ import annotations

from graphc.dims import Dim
from graphc.op import Op, doubled, text


def described(op: Op) -> str:
    """All about it, for people: signature, what it is, in NumPy or by others, derivative."""
    shapes = tuple(tuple(map(Dim.of, shape)) for shape in op.samples[0].shapes)
    given = {name: one.default for name, one in op.attributes.items()}
    given |= op.samples[0].attributes
    given = {name: doubled(op.attributes[name].kind, one) for name, one in given.items()}
    lines = [op.signature, "", op.formula, ""]
    lines += [f"written     {op.equation}"] if op.symbol else []
    lines += [] if op.hidden else [f"example     {op.example}"]
    for title, rule in (
        ("in NumPy", op.meaning),
        ("definition", op.definition),
        ("derivative", op.adjoint),
        ("as taught", op.taught),
        ("evaluation", op.evaluation),
        ("tracks", op.tracks),
    ):
        if words := " ".join(text(rule, shapes, given).split()):
            if title == "in NumPy":
                words = f"{op.result} = {words}".replace("{", "").replace("}", "")
            lines.append(f"{title:<11} {words}")
    if set(op.flat) == set(op.names):
        lines.append("derivative  none: no gradient goes through it")
    elif not op.adjoint:
        lines.append("derivative  that of its definition")
    lines += [f"stable form {form}" for form in op.stable]
    return "\n".join(lines)

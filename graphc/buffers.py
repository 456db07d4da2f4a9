"""plan -> the classes that hold arrays: of a step, of a prediction, of the optimizer."""

from __future__ import annotations

from collections.abc import Sequence

from graphc.op import Sized
from graphc.phases import EVALUATE, PREDICT, TRAIN
from graphc.plan import Plan
from graphc.printing import literal
from graphc.rooms import Array, Fill
from graphc.statements import Speller
from graphc.writer import Writer

WHY: dict[tuple[str, Fill | None], str] = {  # what an array is for that only code speaks of
    ("float", 1): "a product with ones is a sum",
    ("bool", None): "true or false, where a statement asks",
}
SEEN = "takes no memory"
DTYPES = {"int": "int64", "bool": "bool"}  # beside the model's own


def buffers(out: Writer, spell: Speller, name: str, plain: bool) -> None:
    """The class of that name: it holds arrays for as long as the run-time sizes stay the same."""
    plan, sizes = spell.plan, list(spell.plan.sizes.values())
    arrays, what, functions = plan.arrays, "one step", {*TRAIN}
    if name == "EvaluationBuffers":
        arrays, what, functions = plan.prediction.arrays, "one prediction", {*PREDICT, *EVALUATE}
    out.line(f"class {name}:")
    with out.indented():
        if plain:
            out.line('"""What the functions hand on to one another."""')
        else:
            out.line(f'"""The arrays of {what}, made once; names on one line share an array."""')
        out.line()
        out.line(f"def __init__(self{''.join(f', {name}' for name in sizes)}):")
        with out.indented():
            for name in sizes:
                out.line(f"self.{name} = {name}")
            for array in () if plain else arrays:
                _array(out, spell, array)
            keys = [
                key for part, keys in plan.functions.items() if part in functions for key in keys
            ]
            for view, of in spell.views(keys).of_arrays.items():
                out.line(f"self.{view} = self.{of}.T")
            if not sizes and (plain or not arrays):
                out.line("pass")
    out.line()
    out.line()


def state(out: Writer, spell: Speller, rule: Plan, plain: bool) -> None:
    """The class of what the optimizer keeps, and of its scratch space."""
    out.line("class State:")
    with out.indented():
        out.line('"""What the optimizer keeps from step to step, and its scratch space."""')
        out.line()
        out.line("def __init__(self, size):")
        with out.indented():
            for name, start in rule.states.items():
                value = f"full(size, {start!r}, DTYPE)" if start else "np.zeros(size, DTYPE)"
                value = value if plain else f"aligned(size, fill={start!r})"
                out.line(f"self.{name} = {value}")
            if rule.masked:
                out.line("# 1 in parameters of two or more axes, 0 in biases and the like")
                out.line("shapes = PARAMETERS.values()")
                out.line("parts = [full(math.prod(s), len(s) > 1, DTYPE) for s in shapes]")
                made = "empty(size, DTYPE)" if plain else "aligned(size)"
                out.line(f"self.matrices = {made}")
                out.line("self.matrices[...] = concatenate(parts)[:size]")
            for array in () if plain else rule.arrays:
                blocked = array.size.known is not None and array.views[0][0]
                _array(out, spell, array, whole="BLOCK" if blocked else "")
            if not (rule.states or rule.masked or (rule.arrays and not plain)):
                out.line("pass")
    out.line()
    out.line()


def _array(out: Writer, spell: Speller, array: Array, *, whole: str = "") -> None:
    """An array, and what else it has room for; `whole` is what its size is called, if anything."""
    for place, (shape, names) in enumerate(array.views):
        sizes = [whole] if whole else [spell.size(dim) for dim in shape]
        targets = " = ".join(f"self.{name}" for name in names)
        if place:
            out.line(f"{targets} = room({', '.join([f'self.{array.names[0]}', *sizes])})")
        else:
            why = WHY.get((array.dtype, array.fill), "") if not array.seen else SEEN
            out.line(f"{targets} = {_made(spell, array, sizes)}" + (f"  # {why}" if why else ""))


def _made(spell: Speller, array: Array, sizes: Sequence[str]) -> str:
    """How an array is made."""
    options = [f"dtype={DTYPES[array.dtype]}"] if array.dtype in DTYPES else []
    match array.fill:
        case Sized(key):
            options.append(f"fill={spell.value(key)}")
        case None:
            pass
        case number if array.seen:
            shape = f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
            return f"broadcast_to(DTYPE({literal(number)}), {shape})"
        case number:
            options.append(f"fill={literal(number)}")
    return f"aligned({', '.join([*sizes, *options])})"

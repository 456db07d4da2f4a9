"""The Trainer: the part of an emitted module that its user calls, made from templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphc import finite, modes
from graphc.bounded import bounded
from graphc.fingerprint import digest
from graphc.initial import Start
from graphc.model import Data, Model
from graphc.parts import part, space
from graphc.plan import Plan
from graphc.writer import Writer

FILES = ("reading", "writing")
OPTIONS = {"epochs", "batch_size", "shuffle", "validation", "patience", "on_epoch"}  # of `fit`


def type_text(data: Data) -> str:
    """The data's type, as the language writes it."""
    return f"{'int' if data.integer else ''}[{', '.join(map(str, data.shape))}]"


def trainer(
    out: Writer,
    plan: Plan,
    judging: Plan,
    model: Model,
    signatures: Mapping[str, list[str]],
    plain: bool,
) -> None:
    """Prints the checks at the door and the Trainer, with what this model needs and no more.

    `judging` is the plan that `predict` and `loss` follow.
    """
    words = _Words(plan, judging, model, signatures, plain).words()
    sliced = any("batch" in one.shape for one in model.data)
    if any(_orthogonal(plan)):
        part(out, "orthogonal", words)
        space(out)
    if model.data:
        part(out, "door", words)
        space(out)
    for name in ("options", "named", *FILES) if words["renamed"] else ("options", *FILES):
        part(out, name, words)
        space(out)
    methods = ["trainer", "step", "fit" if sliced else "descend"]
    methods += ["predict"] if model.outputs else []
    for method in [*methods, "measure", "files"]:
        part(out, method, words)
        if method != "files":
            out.line()


def tables(out: Writer, update: Plan, model: Model) -> None:
    """Prints the tables that saving and loading need."""
    states = list(update.states)
    out.line("PLACES = {")
    start = 0
    for one in model.parameters:
        out.line(f'    "{one.name}": slice({start}, {start + one.size}),')
        start += one.size
    out.line("}")
    out.line(f"STATES = {tuple(states)!r}".replace("'", '"'))
    statement = update.graph.settings.optimizer
    rule = statement.rule.function.id if statement else "sgd"
    learnt = [(one.name, one.shape) for one in model.parameters if not one.frozen]
    out.line("# a saved file must match: what the optimizer keeps, and how outputs are computed")
    out.line(f'OPTIMIZER = "{digest(rule, states, learnt)}"')
    out.line(f"FORWARD = {dict(model.forward)!r}".replace("'", '"'))
    space(out)


def _orthogonal(plan: Plan) -> Iterable[bool]:
    for node in plan.graph.leaves("param"):
        value = node.leaf.value if node.leaf else None
        yield isinstance(value, Start) and value.name == "orthogonal"


class _Words:
    """What the templates' placeholders stand for in one model."""

    def __init__(
        self,
        plan: Plan,
        judging: Plan,
        model: Model,
        signatures: Mapping[str, list[str]],
        plain: bool,
    ) -> None:
        self.plan, self.judging, self.model, self.signatures = plan, judging, model, signatures
        self.plain = plain
        leaves = plan.graph.leaves("input", "target", "param")
        self.names = {node.leaf.name: plan.names[node.key] for node in leaves if node.leaf}

    def words(self) -> dict[str, str]:
        model, data = self.model, [*self.model.data]
        inputs = [one for one in data if one.kind == "input"]
        integers = any(one.integer for one in data)
        frozen = any(one.frozen for one in model.parameters)
        quick = bounded(self.plan.graph.settings)
        return {
            "model": model.name,
            "types": ", ".join(f"{one.name} {type_text(one)}" for one in data) or "none",
            "seed": repr(model.defaults["seed"]),
            "epochs": repr(model.defaults["epochs"]),
            "batch_size": repr(model.defaults["batch_size"]),
            "shuffle": repr(model.defaults["shuffle"]),
            "vector": "np.zeros(SIZE, DTYPE)" if self.plain else "aligned(SIZE, fill=0)",
            "trained": "TRAINED" if frozen else "SIZE",
            "data": "".join(f", {self.names[one.name]}" for one in data),
            "inputs": "".join(f", {self.names[one.name]}" for one in inputs),
            "plain_data": ", ".join(self.names[one.name] for one in data),
            **finite.words(self.names, data, self._outputs(), frozen=frozen, bounded=quick),
            "checked": self._checked(data),
            "checked_inputs": self._checked(inputs),
            "sizes": self._sizes(data),
            "sizes_inputs": self._sizes(inputs),
            "renamed": self._renamed(data),
            "by_name": "@by_name" if self._renamed(data) else "",
            "classes": "classes" if integers else "_",
            "whole": WHOLE if integers else "",
            "range": RANGE if integers else "",
            "forward": self._call("forward"),
            "loss": self._call("loss"),
            "backward": self._call("backward"),
            **modes.words(self.plan, self.judging, self.plain, self._call),
            "result": self._result(),
            "returned": ", ".join(model.outputs) + (" by name" if len(model.outputs) > 1 else ""),
            **self._batches(data),
        }

    def _renamed(self, data: list[Data]) -> str:
        """The data that have another name here; what `fit` takes for an option has no other way."""
        names = [(one.name, self.names[one.name]) for one in data if one.name not in OPTIONS]
        return ", ".join(f'"{name}": "{mine}"' for name, mine in names if name != mine)

    def _checked(self, data: list[Data]) -> str:
        names = [(one.name, self.names[one.name]) for one in data]
        return "\n".join(f'{name} = as_data("{user}", {name})' for user, name in names)

    def _sizes(self, data: list[Data]) -> str:
        return f"sizes_of({', '.join(self.names[one.name] for one in data)})" if data else "()"

    def _call(self, function: str) -> str:
        return f"{function}({', '.join(self.signatures[function])})"

    def _outputs(self) -> list[str]:
        return [f"buf.{self.judging.names[key]}" for key in self.judging.graph.outputs.values()]

    def _result(self) -> str:
        copies = {name: self._copy(key) for name, key in self.judging.graph.outputs.items()}
        if len(copies) == 1:
            return next(iter(copies.values()))
        return "{" + ", ".join(f'"{name}": {copy}' for name, copy in copies.items()) + "}"

    def _copy(self, key: int) -> str:
        value = f"buf.{self.judging.names[key]}"
        return f"{value}.copy()" if self.judging.graph[key].shape else f"np.array({value}, DTYPE)"

    def _batches(self, data: list[Data]) -> dict[str, str]:
        """How `fit` finds the rows, and gathers some of them."""
        sliced = [one for one in data if "batch" in one.shape]
        if not sliced:
            return {"rows": "", "stage": "", "gathered": "", "take": ""}
        stage, take, arrays, taken = [], [], [], {*self.names.values()}
        for place, one in enumerate(data):
            name = self.names[one.name]
            if "batch" not in one.shape:
                arrays.append(name)
                continue
            shape = [
                "count" if size == "batch" else f"{name}.shape[{axis}]"
                for axis, size in enumerate(one.shape)
            ]
            *others, last = [axis for axis, size in enumerate(one.shape) if size == "batch"]
            gathered = f"{name}_batch"
            while gathered in taken:
                gathered += "_"
            arrays.append(gathered)
            stage.append(f"{gathered} = {self._new(shape, one.integer)}")
            some = "".join(f".take(index, {axis})" for axis in others)
            take.append(f'{name}{some}.take(index, {last}, out=arrays[{place}], mode="clip")')
        first = sliced[0]
        axis = first.shape.index("batch")
        sized = f"{self._sizes(data)}\nrows = {self.names[first.name]}.shape[{axis}]"
        staged = ", ".join(arrays)
        return {
            "rows": sized,
            "stage": "\n".join(stage),
            "gathered": staged,
            "sizes_batch": f"sizes_of({staged})",
            "take": "\n".join(take),
        }

    def _new(self, shape: list[str], integer: bool) -> str:
        if self.plain:
            whole = f"({', '.join(shape)}{',' if len(shape) == 1 else ''})"
            return f"empty({whole}, {'int64' if integer else 'DTYPE'})"
        return f"aligned({', '.join([*shape, *(['dtype=int64'] if integer else [])])})"


WHOLE = """
if dtype is int64 and array.dtype.kind == "f":
    whole = (array == np.rint(array)) & (abs(array) < 2.0**63)
    if not whole.all():
        raise TypeError(f"{name}: expected whole numbers, got {array[~whole][0]}")
""".strip()
RANGE = """
if classes and array.size and array.view(np.uint64).max() >= classes:
    low, high = array.min(), array.max()
    came = f"{low} to {high}" if low < high else low
    raise ValueError(f"{name}: expected classes 0 to {classes - 1}, got {came}")
""".strip()


def sizes_of(out: Writer, plan: Plan, model: Model) -> None:
    """Prints the function that reads the run-time sizes off the data and checks every shape."""
    if not model.data:
        return
    nodes = {node.label: node for node in plan.graph.leaves("input", "target")}
    names = {one.name: plan.names[nodes[one.name].key] for one in model.data}
    given = [names[o.name] + ("" if o.kind == "input" else "=None") for o in model.data]
    out.line(f"def sizes_of({', '.join(given)}):")
    known: dict[str, str] = {}
    with out.indented():
        out.line('"""The run-time sizes; raises ValueError if a shape is not as declared."""')
        for one in model.data:
            name = names[one.name]
            absent = "" if one.kind == "input" else f"{{}} if {name} is None else "
            for axis, size in enumerate(one.shape):
                if isinstance(size, str) and size in plan.sizes and size not in known:
                    known[size] = plan.sizes[size]
                    out.line(f"{known[size]} = {absent.format(1)}{name}.shape[{axis}]")
            shape = [plan.sizes.get(s, s) if isinstance(s, str) else str(s) for s in one.shape]
            wanted = f"({', '.join(shape)}{',' if len(shape) == 1 else ''})"
            given_ = "" if one.kind == "input" else f"{name} is not None and "
            held = f"{name}.shape != {wanted}"
            held = f"({held} or not {name}.size)" if given_ else f"{held} or not {name}.size"
            out.line(f"if {given_}{held}:")
            so_far = ", ".join(f'"{size}": {code}' for size, code in known.items())
            with out.indented():
                out.line(f'refuse("{one.name}", {name}, {{{so_far}}})')
        sizes = list(plan.sizes.values())
        out.line(f"return ({', '.join(sizes)}{',' if len(sizes) == 1 else ''})")
    space(out)

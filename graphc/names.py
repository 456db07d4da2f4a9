"""Names in the emitted module: the user's first, none that Python or the module uses otherwise."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import count

from graphc.book import book
from graphc.constants import DIGITS, WORDS
from graphc.dims import shape_of
from graphc.draft import completed
from graphc.op import text
from graphc.phases import ALWAYS, EVALUATE, LOSSES, TRAIN

FOREIGN = re.compile(rf"__|{DIGITS.pattern}")  # names that begin so are not the user's
CALLED = re.compile(r"(?<![.\w])[A-Za-z_]\w*(?=[.(])")

# what the module has from NumPy beside what the operations call
NUMPY = {
    "broadcast_to", "concatenate", "empty", "errstate", "float32", "float64", "full", "int64",
    "inf",  # as which Python prints the number
}  # fmt: skip
# how it makes its arrays, as far as it makes such
ARRAYS = {"aligned", "room", "spread", "blocks"}
MODULE = {
    *NUMPY, *ARRAYS,
    # the module's own functions, classes and tables
    "np", "contextlib", "fcntl", "functools", "importlib", "json", "math", "os", "tempfile",
    "threading", "types", "zipfile",
    *(ALWAYS - LOSSES),
    "update", "initialise", "as_data", "refuse", "strange", "sizes_of", "read_arrays", "described",
    "beside", "LONGEST", "refuse_optimizer", "check_forward",
    "as_whole", "check_stops", "orthogonal", "by_name", "RENAMED",
    "Buffers", "EvaluationBuffers", "State", "Parameters", "Trainer", "DTYPE", "DATA",
    "PARAMETERS", "OUTPUTS",
    "DEFAULTS", "SIZE", "TRAINED", "PLACES", "STATES", "OPTIMIZER", "FORWARD",
    # what functions and methods call their arguments and variables
    "self", "cls", "seed", "path", "params", "grads", "buf", "rng", "flat", "theta", "gradient",
    "state", "step", "epoch", "epochs", "batch_size", "shuffle", "validation", "patience",
    "on_epoch", "value", "sizes", "result", "rows", "staged", "losses", "best", "waited", "order",
    "total", "start", "index", "judged", "judgements", "told", "stop", "count", "arrays", "batch",
    "size", "matrices", "shapes", "parts",
    # arrays: how long a block of them is, and the numbers that are some
    "BLOCK", "largest_exponent", *WORDS,
}  # fmt: skip
MODES = {*TRAIN, *EVALUATE} - ALWAYS  # and where evaluation differs from training


@cache
def vocabulary() -> frozenset[str]:
    """What operations call in their code and meaning, as their samples show, with their helpers."""
    words: set[str] = set()
    for op in book().values():
        words |= outside(ast.parse(op.helper)) if op.helper else set()
        for sample in op.samples:
            shapes = tuple(shape_of(*shape) for shape in sample.shapes)
            attributes = completed(op, sample.attributes, shapes)
            for rule in (op.meaning, op.code):
                words |= set(CALLED.findall(text(rule, shapes, attributes)))
    return frozenset(words)


@cache
def lent() -> frozenset[str]:
    """What a module may call without defining it: NumPy's functions, and those that make arrays."""
    return vocabulary() - MODULE - {*dir(builtins)} | NUMPY | ARRAYS


def outside(helper: ast.Module) -> set[str]:
    """The names that helper functions share with the module: not their own variables."""
    found: set[str] = set()
    for part in helper.body:
        nodes = list(ast.walk(part))
        names = [node for node in nodes if isinstance(node, ast.Name)]
        if isinstance(part, ast.FunctionDef):
            own = {node.arg for node in nodes if isinstance(node, ast.arg)}
            own |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
            found |= {part.name, *(node.id for node in names)} - own
        else:
            found |= {node.id for node in names}
    return found


def reserved() -> set[str]:
    """What no value may be called."""
    keywords = {*keyword.kwlist, *keyword.softkwlist}
    return {*vocabulary(), *MODULE, *keywords, *dir(builtins)}


class Names:
    """Hands out names; what the user wrote is kept wherever Python allows."""

    def __init__(self, *groups: Iterable[str], modes: bool = False) -> None:
        taken = reserved() | (MODES if modes else set())
        self._users: dict[str, str] = {}
        self._further: dict[str, Iterator[int]] = {}
        users = list(dict.fromkeys(name for group in groups for name in group))
        free = {name for name in users if name not in taken and not FOREIGN.match(name)}
        self._taken = taken | free
        for name in users:
            # `h.W` becomes `h_W`; what Python uses otherwise gets a `_`
            path = name.replace(".", "_")
            bare = name.strip("_") if path == name else path.lstrip("_")
            bare = bare if bare.isidentifier() else f"v{bare}"
            own = f"{bare}_" if path == name else bare if FOREIGN.match(path) else path
            self._users[name] = name if name in free and "." not in name else self.fresh(own)

    def user(self, name: str) -> str:
        """The emitted name of what the user calls `name`."""
        return self._users.get(name, name.replace(".", "_"))

    def fresh(self, name: str) -> str:
        """`name`, or the like if it is taken; taken from now on."""
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def another(self, name: str) -> str:
        """`name`, or if it is taken `name2`, `name3` and so on."""
        if name not in self._taken:
            return self.fresh(name)
        return self.numbered(name, self._further.setdefault(name, count(2)))

    def numbered(self, letter: str, numbers: Iterator[int]) -> str:
        """The next of `s1`, `s2` and so on that is free."""
        return next(
            self.fresh(name) for n in numbers if (name := f"{letter}{n}") not in self._taken
        )

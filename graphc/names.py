"""Names in the emitted module: the user's first, none that Python or the module uses otherwise."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Iterator

from graphc.op import book

MODULE = {
    "np", "empty", "zeros", "ones", "float32", "float64", "int64", "errstate", "copyto", "asarray",
    "buf", "params", "grads", "rng", "self", "theta", "gradient", "step", "epoch", "scratch",
    "forward", "outputs", "loss_of", "backward", "update", "initialise", "check", "json", "os",
    "tempfile", "threading", "Buffers", "Parameters", "Trainer", "DATA", "OUTPUTS", "DEFAULTS",
    "PARAMETERS", "FINGERPRINT", "SIZE", "TRAINED", "NAME", "DTYPE", "array", "batch",
}  # fmt: skip


def reserved() -> set[str]:
    """What no value may be called."""
    words = set()
    for op in book().values():
        for rule in (op.meaning, op.code):
            if isinstance(rule, str):
                words |= set(re.findall(r"[A-Za-z_]\w*", re.sub(r"\{\w+\}", "", rule)))
    return words | MODULE | set(keyword.kwlist) | set(keyword.softkwlist) | set(dir(builtins))


class Names:
    """Hands out names; what the user wrote is kept wherever Python allows."""

    def __init__(self, *groups: Iterable[str]) -> None:
        taken = reserved()
        self._users: dict[str, str] = {}
        users = list(dict.fromkeys(name for group in groups for name in group))
        free = [name for name in users if name not in taken and not name.startswith("__")]
        self._taken = taken | set(free)
        for name in users:
            self._users[name] = name if name in free else self.fresh(f"{name.strip('_') or 'v'}_")

    def user(self, name: str) -> str:
        """The emitted name of what the user calls `name`."""
        return self._users.get(name, name)

    def fresh(self, name: str) -> str:
        """`name`, or the like if it is taken; taken from now on."""
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def numbered(self, letter: str, numbers: Iterator[int]) -> str:
        """The next of `s1`, `s2` and so on that is free."""
        return next(
            self.fresh(name) for n in numbers if (name := f"{letter}{n}") not in self._taken
        )

"""The statements of an emitted module, run one by one on an example: what each has written."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphc.phases import TRAIN
from graphc.plan import Plan
from graphc.traced.evaluating import Array
from graphc.traced.example import Example
from graphc.verify.module import Module
from graphc.verify.statements import Loop, Statement

Space = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """A statement that has run: its line in the module, what it wrote, and what that is.

    `key` is the node of the plan that it computes; the statements of `update` have none.
    """

    function: str
    line: int
    name: str
    meaning: str
    value: Array
    key: int | None = None


def functions(parsed: Module) -> list[str]:
    """The functions of a training step, in the order in which they run."""
    before = [name for name in TRAIN if name in parsed.tree and name != "track"]
    return [*before, "update", *(["track"] if "track" in parsed.tree else [])]


def ran(parsed: Module, plan: Plan, example: Example) -> Iterator[Ran]:
    """A training step of the example's trainer, statement by statement."""
    module, trainer = example.module, copy.copy(example.trainer)
    names = [*inspect.signature(module.Trainer.step).parameters][1:]
    space: Space = {
        **vars(module),
        "params": trainer._params,
        "grads": trainer._grads,
        "buf": module.Buffers(*(example.sizes[size] for size in plan.sizes)),
        "rng": copy.deepcopy(trainer.rng),
        **dict(zip(names, example.arrays.values(), strict=True)),
    }
    with np.errstate(all="ignore"):
        for name in functions(parsed):
            if name == "update":
                yield from _update(parsed, trainer, space)
            else:
                yield from _function(name, parsed, plan, {**space})


def _function(name: str, parsed: Module, plan: Plan, space: Space) -> Iterator[Ran]:
    """The statements of a function, each with the node that it was printed for."""
    keys = iter(plan.functions.get(name, ()))
    for one in parsed.functions[name]:
        exec(one.code, space)
        if one.meaning is not None:
            yield _written(name, one, space, next(keys))


def _written(function: str, one: Statement, space: Space, key: int | None = None) -> Ran:
    return Ran(function, one.line, one.name, one.comment, np.array(space[one.name]), key)


def _update(parsed: Module, trainer: Any, space: Space) -> Iterator[Ran]:
    """The optimizer's step; of a loop over blocks of the vectors what it leaves in them."""
    size = space.get("TRAINED", space["SIZE"])  # frozen parameters stand behind the others
    space = {
        **space,
        "theta": trainer._theta[:size],
        "gradient": trainer.gradient[:size],
        "state": trainer.state,
        "step": trainer.steps + 1,
        "epoch": trainer.epoch,
    }
    for one in parsed.update:
        if isinstance(one, Loop):
            whole: Mapping[str, Any] = {name: space[name] for name in one.names}
            for vectors in eval(one.blocks, space):
                space |= dict(zip(one.names, vectors, strict=True))
                for inner in one.body:
                    exec(inner.code, space)
            space |= whole
            yield Ran("update", one.line, "theta", one.text, space["theta"].copy())
        else:
            exec(one.code, space)
            if one.meaning is not None:
                yield _written("update", one, space)

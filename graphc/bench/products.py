"""The matrix products of a step alone: what it would take if all else took no time."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphc.bench.clocks import Clocks, Site
from graphc.phases import TRAIN
from graphc.verify.module import Module
from graphc.verify.statements import Statement

CALLED = {"dot", "matmul", "tensordot"}


class Products:
    """The products of one step, one after the other, on arrays as a step leaves them."""

    def __init__(self, module: Module, trainer: Any) -> None:
        loaded = module.loaded
        space = {
            **vars(loaded),
            **module.arguments(loaded.DTYPE),
            "params": trainer._params,
            "grads": trainer._grads,
            "buf": loaded.Buffers(*module.sizes.values()),
            "rng": trainer.rng,
        }
        statements = [one for name in TRAIN for one in module.functions.get(name, ())]
        with np.errstate(all="ignore"):
            for one in statements:
                exec(one.code, space)
        parts = [ast.parse(one.text).body[0] for one in statements if is_product(one)]
        self.count = len(parts)
        self.clocks = Clocks()
        used = dict.fromkeys(node.id for node in _names(parts))
        own = [name for name in used if space.get(name) is not vars(loaded).get(name)]
        self.values = [space.get(name) for name in own]
        self.call = self._function(parts, own, space)
        written = {node.id for node in _names(_outputs(parts))}
        arrays = [space[name] for name in own if name in written]
        self.kept = [(array, array.copy()) for array in arrays]

    def _function(self, parts: list[ast.stmt], names: list[str], space: dict[str, Any]) -> Any:
        tree = ast.parse("def products(): pass")
        (function,) = tree.body
        assert isinstance(function, ast.FunctionDef)
        function.args.args = [ast.arg(name) for name in names]
        function.body = [
            *self.clocks.around([], Site("products", 0, "")),
            *self.clocks.around(parts, Site("products", 0, "products")),
        ]
        space = space | self.clocks.names()
        exec(compile(ast.fix_missing_locations(tree), "<products>", "exec"), space)
        return space["products"]

    def restore(self) -> None:
        """Lets the arrays hold again what they held: products of products would grow forever."""
        for array, value in self.kept:
            array[...] = value

    def __call__(self) -> None:
        """Runs them once; `clocks` says how long it took."""
        self.call(*self.values)


def is_product(one: Statement) -> bool:
    """Whether a statement multiplies matrices; a sum that runs as a product does not mean one."""
    return _multiplies(one.text) and _multiplies(one.comment)


def _multiplies(text: str) -> bool:
    return any(
        isinstance(node, ast.MatMult)
        or (isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in CALLED)
        for node in ast.walk(ast.parse(text))
    )


def _outputs(parts: Sequence[ast.stmt]) -> list[ast.expr]:
    nodes = [node for part in parts for node in ast.walk(part)]
    return [node.value for node in nodes if isinstance(node, ast.keyword) and node.arg == "out"]


def _names(parts: Sequence[ast.AST]) -> list[ast.Name]:
    return [node for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)]

"""Code of planner, gradient and rewriter broken: each comparison, each `and`, each number."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from functools import cached_property, partial
from pathlib import Path
from types import FunctionType
from typing import Any

from tests.mutation.mutant import Mutant

FILES = {
    "planner": (
        *("plan", "arrays", "rooms", "free", "frugal", "beside", "turned", "prediction", "vectors"),
        "copies",
    ),
    "gradient": ("gradient",),
    "rewrites": (
        *("rewrite", "rewrites.absorb", "rewrites.expand", "rewrites.fold", "rewrites.identities"),
        *("rewrites.pads", "rewrites.transposes", "rewrites.views"),
    ),
}
OPPOSITE: dict[type, type] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


def conditions() -> Iterator[Mutant]:
    """Every change to every file."""
    for kind, name in [(kind, name) for kind, names in FILES.items() for name in names]:
        whole = _whole(_path(name))
        for place, node in enumerate(_nodes(ast.parse(whole))):
            for part in range(len(_changes(node))):
                other = ast.unparse(_changed(whole, place, part))
                told = f"{name}.{_told(whole, other)}"
                yield Mutant(kind, told, partial(_apply, name, place, part))


def nothing(kind: str) -> None:
    """The code of a kind put in place anew, with no change."""
    for name in FILES[kind]:
        _put_in(name, ast.parse(_whole(_path(name))))


def _path(name: str) -> Path:
    return Path(str(importlib.import_module(f"graphc.{name}").__file__))


def _whole(path: Path) -> str:
    """A file without comments, each statement on one line."""
    return ast.unparse(ast.parse(path.read_text(encoding="utf-8")))


def _told(whole: str, other: str) -> str:
    """Where two files differ: the function, and the line of it before and after."""
    lines, others = (one.split("\n") for one in (whole, other))
    place = next(n for n, (a, b) in enumerate(zip(lines, others, strict=True)) if a != b)
    above = [one.split("(")[0].split()[-1] for one in lines[:place] if " def " in f" {one}"]
    indented = lines[place].startswith(" ") and " def " not in lines[place]
    scope = f"{above[-1]}: " if indented and above else ""
    return f"{scope}{lines[place].strip()}  ->  {others[place].strip()}"


def _nodes(tree: ast.AST) -> list[Any]:
    """What can be changed, in order: nothing of a class but its methods."""
    fields = {
        id(inner)
        for one in ast.walk(tree)
        if isinstance(one, ast.ClassDef)
        for line in [*one.decorator_list, *one.body]
        if not isinstance(line, ast.FunctionDef)
        for inner in ast.walk(line)
    }
    return [one for one in ast.walk(tree) if _changes(one) and id(one) not in fields]


def _changes(node: ast.AST) -> list[str]:
    match node:
        case ast.Compare():
            return ["op"] * len(node.ops)
        case ast.BoolOp():
            return ["op"]
        case ast.UnaryOp(op=ast.Not()):
            return ["operand"]
        case ast.Constant(value=bool() | int()):
            return ["value"]
    return []


def _changed(whole: str, place: int, part: int) -> ast.Module:
    """A file with one change."""
    tree = ast.parse(whole)
    node = _nodes(tree)[place]
    match node:
        case ast.Compare():
            node.ops[part] = OPPOSITE[type(node.ops[part])]()
        case ast.BoolOp():
            node.op = OPPOSITE[type(node.op)]()
        case ast.UnaryOp():
            node.op = ast.UAdd()
            new = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])
            node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), new)
        case ast.Constant(value=bool()):
            node.value = not node.value
        case ast.Constant():
            node.value += 1
    return ast.fix_missing_locations(tree)


def _apply(name: str, place: int, part: int) -> None:
    _put_in(name, _changed(_whole(_path(name)), place, part))


def _put_in(name: str, tree: ast.Module) -> None:
    """Puts changed code into the functions that there are, wherever they were imported."""
    module, path = sys.modules[f"graphc.{name}"], _path(name)
    space: dict[str, Any] = {"__name__": module.__name__, "__file__": str(path)}
    exec(compile(tree, str(path), "exec"), space)
    for key, new in space.items():
        old = vars(module).get(key)
        if isinstance(new, type) and new.__module__ == module.__name__:
            for member, value in vars(new).items():
                if member == "__init__" or not member.startswith("__"):
                    _put(vars(old).get(member), value)
        elif callable(new) and new.__module__ == module.__name__:
            _put(old, new)
        elif isinstance(new, int) and new != old:
            for other in [one for n, one in sys.modules.items() if n.startswith("graphc")]:
                if vars(other).get(key) is old:
                    setattr(other, key, new)


def _put(old: Any, new: Any) -> None:
    if isinstance(new, property):
        old, new = old.fget, new.fget
    elif isinstance(new, cached_property):
        old, new = old.func, new.func
    elif isinstance(new, staticmethod | classmethod):
        old, new = old.__func__, new.__func__
    elif hasattr(new, "cache_clear"):
        old.cache_clear()
        old, new = old.__wrapped__, new.__wrapped__
    if isinstance(new, FunctionType):
        old.__code__ = new.__code__
        old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__

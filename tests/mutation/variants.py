"""An expression of the language broken in every way that is a slip of the pen."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graphc.book import book

SWAPPED = (ast.Sub, ast.Div, ast.Pow, ast.MatMult)  # whose sides are not alike
ALIKE = {"equal", "maximum", "minimum", "add", "mul"}  # whose operands can be exchanged
FLAGS = {"true": "false", "false": "true"}


def variants(text: str) -> Iterator[tuple[str, str]]:
    """What was done, and the expression that it gave; each once."""
    whole, seen = ast.unparse(ast.parse(text, mode="eval")), set[str]()
    count = sum(1 for _ in ast.walk(ast.parse(text)))
    for place in range(count):
        for way in ("left", "right", "swapped", "inner", "more", "other"):
            found = _broken(whole, place, way)
            if found is not None and found != whole and found not in seen:
                seen.add(found)
                yield way, found


def _broken(text: str, place: int, way: str) -> str | None:
    tree = ast.parse(text, mode="eval")
    node = [one for one in ast.walk(tree) if isinstance(one, ast.expr)][place:][:1]
    new = _changed(node[0], way) if node else None
    if new is None:
        return None

    class Put(ast.NodeTransformer):
        def visit(self, one: ast.AST) -> ast.AST:
            return new if one is node[0] else self.generic_visit(one)

    return ast.unparse(Put().visit(tree))


def _changed(node: ast.expr, way: str) -> ast.expr | None:
    match node, way:
        case ast.BinOp(), "left":
            return node.left
        case ast.BinOp(), "right":
            return node.right
        case ast.BinOp(op=op), "swapped" if isinstance(op, SWAPPED):
            return ast.BinOp(node.right, op, node.left)
        case ast.UnaryOp(), "inner":
            return node.operand
        case ast.Call(func=ast.Name(id=name)), "inner" if name in book() and node.args:
            return node.args[0]
        case ast.Call(func=ast.Name(id=name)), "swapped" if len(node.args) > 1 and name in book():
            several = book()[name].variadic or len(book()[name].names) > 1
            if several and name not in ALIKE:
                return ast.Call(node.func, [*node.args[1::-1], *node.args[2:]], node.keywords)
        case ast.Constant(value=int() | float() as value), "more" if not isinstance(value, bool):
            return ast.Constant(value + 1)
        case ast.Name(id=name), "other" if name in FLAGS:
            return ast.Name(FLAGS[name])
    return None

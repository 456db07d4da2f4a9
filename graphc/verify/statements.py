"""The statements of an emitted module: what runs, and the comment beside it as code."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType

HOLDERS = {"params", "grads", "buf", "state"}


@dataclass(frozen=True)
class Statement:
    """A line of a function: its code, and its meaning as an assignment; an unpacking has none."""

    line: int
    text: str
    code: CodeType
    comment: str
    meaning: CodeType | None
    name: str

    @property
    def implied(self) -> bool:
        """Whether it has no comment, but means what it says."""
        return self.comment == _implied(self.text)

    @property
    def assigns(self) -> bool:
        """Whether it binds a name, in both columns, where others write into an array."""
        return self.comment == self.text and self.text.startswith(f"{self.name} = ")


@dataclass(frozen=True)
class Loop:
    """Statements that run for blocks of some vectors, one block after another."""

    line: int
    text: str
    names: tuple[str, ...]
    blocks: CodeType
    body: tuple[Statement, ...]


def names_in(text: str, context: type[ast.expr_context]) -> set[str]:
    """The names that a line loads, or those that it stores."""
    try:
        nodes = ast.walk(ast.parse(text))
    except SyntaxError:  # of a comment
        return set()
    return {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, context)}


def loop(node: ast.For, lines: Sequence[str]) -> Loop:
    """A loop of an emitted module, whose text is `lines`."""
    text, target = ast.unparse(node).split("\n")[0], ast.unparse(node.target)
    blocks = compile(ast.Expression(node.iter), "<blocks>", "eval")
    body = tuple(statement(one, lines) for one in node.body)
    return Loop(node.lineno, text, tuple(target.strip("()").split(", ")), blocks, body)


def statement(node: ast.stmt, lines: Sequence[str]) -> Statement:
    """A statement, and what the comment beside it makes of it."""
    text, line = ast.unparse(node), lines[(node.end_lineno or 1) - 1]
    comment = line.encode()[node.end_col_offset or 0 :].decode().strip().removeprefix("# ")
    meant = comment or _implied(text)
    said = re.match(r"(\w+) = ", meant)
    if _moves(node) and not (comment and said):  # another comment is a remark
        return Statement(node.lineno, text, _compiled(text), "", None, "")
    flaw = "it is no assignment" if comment and not said else ""
    name = said[1] if said else _written(node)
    return Statement(node.lineno, text, _compiled(text), meant, _compiled(meant, flaw), name)


def _implied(text: str) -> str:
    return text.replace("[...] = ", " = ", 1)


def _compiled(text: str, flaw: str = "") -> CodeType:
    """A line as code, which fails if it has a flaw, or is no Python."""
    try:
        code = compile(text, "<line>", "exec")
    except SyntaxError as error:
        flaw = flaw or error.msg
    return compile(f"raise SyntaxError({flaw!r})", "<line>", "exec") if flaw else code


def _written(node: ast.stmt) -> str:
    """The name that a statement binds, or of the array that it writes into."""
    part: ast.AST = node
    if isinstance(node, ast.Assign):
        part = node.targets[0]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        out = [one.value for one in call.keywords if one.arg == "out"]
        part = [call, *call.args, *out][-1]
    return next((one.id for one in ast.walk(part) if isinstance(one, ast.Name)), "")


def _moves(node: ast.stmt) -> bool:
    """Whether a statement only unpacks parameters and buffers, or stores into them."""
    if not isinstance(node, ast.Assign):
        return False
    sides: Sequence[ast.expr] = [*node.targets, node.value]
    parts = [p for side in sides for p in (side.elts if isinstance(side, ast.Tuple) else [side])]
    return any(
        isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Name)
        and part.value.id in HOLDERS
        for part in parts
    )

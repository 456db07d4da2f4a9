"""The identities that an operation's record states: `a * 1 = a`.

A capital letter in an identity stands for a scalar that no array has a part in; next to one, a
small letter stands for anything else. Identities of this kind, and those that end in a number,
round or treat nan in another way: what the user wrote is left as it is, and they serve only what
was derived from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING

from graphc.book import book
from graphc.dataflow import Node
from graphc.dims import Mismatch
from graphc.language import parse_identity
from graphc.op import Op
from graphc.patterns import Match, possible
from graphc.rules import Scope
from graphc.tree import Expr, Name, Number, fold

if TYPE_CHECKING:
    from graphc.rewrite import Simplifier


@cache
def _parsed(op: Op) -> list[tuple[Expr, Expr, bool]]:
    """The identities of an operation: both sides, and whether a capital stands in it."""
    found = []
    for identity in book()[op.name].identities:
        left, right = parse_identity(identity)
        found.append((left, right, fold(left, _capital)))
    return found


@lru_cache(maxsize=4096)
def _possible(op: Op, makers: tuple[Op | None, ...]) -> list[tuple[Expr, Expr, bool]]:
    """The identities that may hold of an operation whose operands these operations make."""
    return [one for one in _parsed(op) if possible(one[0], makers)]


def _fits(draft: Simplifier, capital: bool, name: str, key: int) -> bool:
    return not capital or draft.constant(key) == name.isupper()


def _capital(expr: Expr, inner: Sequence[bool]) -> bool:
    return any(inner) or (isinstance(expr, Name) and expr.id.isupper())


def rewrite(draft: Simplifier, node: Node) -> int | None:
    """The node of the first identity that applies, or None."""
    if node.op is None or not node.op.identities:
        return None
    makers = tuple([draft[key].op for key in node.operands])
    for left, right, capital in _possible(node.op, makers):
        if (capital or isinstance(right, Number)) and not draft.origin.backward:
            continue
        match = Match(draft, partial(_fits, draft, capital))
        if match.of(left, node):
            try:
                key = Scope(draft, match.found, match.attributes, {}, draft.dtype).build(right)
            except Mismatch:
                continue
            if draft[key].shape != node.shape:
                key = draft.add(book().roles["spread"], (key,), {"shape": node.shape})
            return key
    return None

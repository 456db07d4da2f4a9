"""How long the polynomial of a size may become: longer than those of models, never vast."""

from __future__ import annotations

Monomial = tuple[str, ...]
Terms = tuple[tuple[Monomial, int], ...]

LARGEST = 2**40  # a size
MOST_TERMS = 64  # products in a sum that is written
MOST_COMPUTED = 1_000  # and in one that is computed
MOST_FACTORS = 32  # names in a product


class Vast(Exception):
    """A size that is beyond what is computed with; the message is what it holds."""


def product(left: Terms, right: Terms) -> list[tuple[Monomial, int]]:
    """The terms of a product, like ones not yet added up; raises Vast before there are too many."""
    if len(left) * len(right) > 100 * MOST_COMPUTED:
        raise Vast(f"a sum of more than {MOST_COMPUTED:,} products")
    terms = [(tuple(sorted(m + n)), a * b) for m, a in left for n, b in right]
    if any(len(names) > MOST_FACTORS**2 for names, _ in terms):
        raise Vast(f"a product of more than {MOST_FACTORS} sizes")
    return terms


def within(terms: Terms) -> None:
    """Raises Vast if a size is beyond what is computed with."""
    if len(terms) > MOST_COMPUTED:
        raise Vast(f"a sum of more than {MOST_COMPUTED:,} products")
    if any(len(names) > MOST_FACTORS for names, _ in terms):
        raise Vast(f"a product of more than {MOST_FACTORS} sizes")
    if any(names and abs(factor) > LARGEST**2 for names, factor in terms):
        raise Vast("a number beyond 2 ** 80")

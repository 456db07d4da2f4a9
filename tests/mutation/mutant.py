"""What a mutant is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One thing broken: what kind it is of, its description, and how it is done, in a process."""

    kind: str
    text: str
    apply: Callable[[], None]
    op: str = ""  # whose tests come first

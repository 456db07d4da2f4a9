"""A failing input made smaller, as long as it fails in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from .texts import TOKEN, Input
from .trial import attempt


def shrunk(one: Input, mark: str, seconds: float, patience: float = 60.0) -> Input:
    """Lines left out, then words, then characters; what was reached when the time is over."""
    end = time.monotonic() + patience

    def fails(text: str) -> bool:
        within = time.monotonic() < end
        return within and attempt(replace(one, text=text), seconds).mark == mark

    text, before = one.text, ""
    while text != before:
        before = text
        for parts in (text.splitlines(keepends=True), TOKEN.findall(text), list(text)):
            if "".join(parts) == text and len(parts) < 2_000:
                text = _fewer(parts, fails)
    one = replace(one, text=text)
    for plainer in ({"file": "model.nn"}, {"dtype": None}, {"plain": False}):
        other = replace(one, **plainer)  # type: ignore[arg-type]
        one = other if attempt(other, seconds).mark == mark else one
    return one


def _fewer(parts: Sequence[str], fails: Callable[[str], bool]) -> str:
    """Runs of parts left out, long ones first."""
    length = max(len(parts) // 2, 1)
    while length:
        start = 0
        while start < len(parts):
            rest = [*parts[:start], *parts[start + length :]]
            if fails("".join(rest)):
                parts = rest
            else:
                start += length
        length //= 2
    return "".join(parts)

"""Mutants that no test can catch, for they change nothing promised; each with its reason."""

from __future__ import annotations

_FILLED = "def filled(self, need: Dim, dtype: str, fill: Fill, *, seen: bool=False, apart: bool="

EQUIVALENT: dict[str, str] = {
    f"rooms.{_FILLED}False) -> Home:  ->  {_FILLED}True) -> Home:": (
        "`give` alone leaves `apart` out, and among its arrays there are no others to be apart from"
    ),
    "contiguous: x is taken": (
        "it copies a view, and a statement takes only an array that it reads by its name"
    ),
}

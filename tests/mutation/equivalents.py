"""Mutants that no test can catch, for they change nothing promised; each with its reason."""

from __future__ import annotations

_FILLED = "def filled(self, need: Dim, dtype: str, fill: Fill, *, seen: bool=False, apart: bool="

EQUIVALENT: dict[str, str] = {
    f"rooms.{_FILLED}False) -> Home:  ->  {_FILLED}True) -> Home:": (
        "`give` alone leaves `apart` out, and among its arrays there are no others to be apart from"
    ),
    "window_max: w is taken": "the result has fewer axes, so it never has the operand's shape",
    **dict.fromkeys(
        ("inner: a is taken", "inner: b is taken"),
        "the result is one number, and no array of one number is overwritten",
    ),
    **dict.fromkeys(
        ("matmul: a is taken", "matmul: b is taken"),
        "NumPy sees that the result lies over an operand and computes it elsewhere first",
    ),
}

"""What is told of a statement that does not do what its comment says."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

import numpy as np

from graphc.verify.statements import Statement


@dataclass(frozen=True)
class Disagreement:
    """A statement that is not what its comment says; `reason` tells how it differs.

    `error` is relative to the largest value; infinite where there are no two numbers to compare.
    """

    line: int
    statement: str
    comment: str
    error: float
    reason: str


def failing(error: Exception) -> str:
    """What an exception says, on one line."""
    return " ".join(str(error).split()) or type(error).__name__


def located(error: Exception) -> str:
    """What an exception says, and the line of the module that it came from, if it did."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == "<verified>"]
    return f"line {own[-1].lineno}: {failing(error)}" if own else failing(error)


def reason(one: Statement, failure: str, flaw: str, gap: str) -> str:
    """How a statement that fails, or whose comment does, or between which is a gap, differs."""
    if failure and flaw:
        also = "" if one.implied else f"; its comment, {one.comment}, fails too: {flaw}"
        return f"fails: {failure}{also}"
    if failure:
        return f"fails: {failure}" + ("" if one.implied else f"; should be {one.comment}")
    if flaw and one.implied:
        return f"has no comment, and read as its own it fails: {flaw}"
    if flaw:
        return f"its comment, {one.comment}, fails: {flaw}"
    return f"should be {one.comment}; {gap}"


def gap(left: np.ndarray, right: np.ndarray, error: float) -> str:
    """How two values differ; `error` is the relative one, if they have one shape."""
    if left.shape != right.shape:
        return f"has the shape {list(left.shape)} where that has {list(right.shape)}"
    differ = (left != right) & ~(np.isnan(left) & np.isnan(right))
    strange = differ & ~(np.isfinite(left) & np.isfinite(right))
    if strange.any():
        return f"has {left[strange][0]:.3g} where that has {right[strange][0]:.3g}"
    return f"off by {error:.1e} (relative)"

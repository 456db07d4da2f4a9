"""After a disagreement: both columns go on with one value, so that what follows is not blamed."""

from __future__ import annotations

from types import CodeType
from typing import Any

import numpy as np

from graphc.verify.disagreement import failing
from graphc.verify.statements import Statement

Space = dict[str, Any]


def outcome(code: CodeType, space: Space, name: str) -> tuple[Any, str]:
    """What a line makes of a name, as numbers, or why there is nothing."""
    try:
        exec(code, space)
        if name not in space:
            return None, f"it gives no {name}"
        return np.asarray(space[name], np.float64), ""
    except Exception as error:  # a module that was tampered with can fail in any way
        return None, failing(error)


class Kept:
    """The arrays that a statement speaks of, as they were before it."""

    def __init__(self, one: Statement, left: Space) -> None:
        names = {*one.code.co_names, one.name}
        self.arrays = {n: left[n] for n in names if isinstance(left.get(n), np.ndarray)}
        self.values = {n: a.copy() for n, a in self.arrays.items() if a.flags.writeable}

    def restore(self, left: Space) -> None:
        """Undoes the statement, wherever it has written."""
        for name, value in self.values.items():
            self.arrays[name][...] = value
        left |= self.arrays


class Mender:
    """Gives both columns one value of a statement on which they disagree."""

    def __init__(self, left: Space, right: Space, tolerance: float) -> None:
        self.left = left
        self.right = right
        self.tolerance = tolerance

    def mend(self, one: Statement, kept: Kept, left_ran: bool, right_ran: bool) -> bool:
        """The value is that of the right column, else that of the left; False without either."""
        left, right = self.left, self.right
        mended = right_ran and self._placed(one, kept)
        if not mended and left_ran:
            own = self._rounded(one.code, one.name, left, right, np.float64)
            right[one.name] = cast(own, np.float64)
            draws_alike(left, right)
            return True
        if not mended:
            kept.restore(left)
        draws_alike(right, left)
        return mended

    def _placed(self, one: Statement, kept: Kept) -> bool:
        """Does to the left column what the statement should have done, if it can hold the value."""
        left, array, value = self.left, kept.arrays.get(one.name), self.right[one.name]
        named = array is None or one.assigns
        if named and np.ndim(value) and one.name in left and not np.ndim(left[one.name]):
            return False  # an array for a number, which those who read it need
        if array is not None and not named and not _fits(array, np.asarray(value)):
            return False
        kept.restore(left)
        assert one.meaning is not None
        own = self._rounded(one.meaning, one.name, self.right, left, left["DTYPE"])
        if array is None or named:
            left[one.name] = cast(own, left["DTYPE"])
        else:
            array[...] = own
        return True

    def _rounded(self, code: CodeType, name: str, giver: Space, taker: Space, dtype: Any) -> Any:
        """The value that a line gives on the taker's numbers, if it is near that on the giver's.

        The largest of some values is then equal to one of them there too.
        """
        value = giver[name]
        if "rng" in code.co_names:
            return value
        both = {**giver, **taker}
        given: Space = {n: both[n] for n in code.co_names if n in both}
        if name not in taker or np.shape(taker[name]) != np.shape(value):
            given[name] = np.full(np.shape(value), np.nan)  # to be written, not to be read
        space = {**giver, "DTYPE": dtype, **{n: cast(part, dtype) for n, part in given.items()}}
        made, failure = outcome(code, space, name)
        if failure or made.shape != np.shape(value):
            return value
        meant = np.asarray(value, np.float64)
        size = float(np.nan_to_num(abs(meant), posinf=0).max(initial=0))
        near = np.allclose(made, meant, 0, self.tolerance * size, equal_nan=True)
        return space[name] if near else value


def _fits(array: np.ndarray, value: np.ndarray) -> bool:
    same = value.shape == array.shape and np.can_cast(value.dtype, array.dtype, "same_kind")
    return same and array.flags.writeable


def cast(value: Any, dtype: Any) -> Any:
    """A copy in a precision; what is not of floats stays what it is."""
    if not isinstance(value, np.ndarray | np.generic):
        return value
    array = np.array(value)
    return (array.astype(dtype) if array.dtype.kind == "f" else array)[()]


def draws_alike(giver: Space, taker: Space) -> None:
    """Lets two generators draw the same from here on, whatever was drawn for the statement."""
    one, other = giver.get("rng"), taker.get("rng")
    if isinstance(one, np.random.Generator) and isinstance(other, np.random.Generator):
        other.bit_generator.state = one.bit_generator.state

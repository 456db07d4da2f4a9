"""Arrays by name from an `.npz` file, or one array from an `.npy` file; never a pickle."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphc.data.errors import DataError, expected_text, shape_text, type_text, unfit_text
from graphc.data.labels import CellError, counted_from_one, numbered
from graphc.data.records import unchanged

if TYPE_CHECKING:
    from graphc.model import Data

EXACT = 2**53  # below it float64 tells whole numbers apart


def read_archive(
    path: Path,
    data: Sequence[Data],
    dtype: str,
    inputs_only: bool,
    known: Mapping[str, Sequence[str]] | None,
) -> tuple[dict[str, NDArray[Any]], dict[str, tuple[str, ...]]]:
    """Read the arrays that `data` names: (arrays by name, text labels by name).

    Other arrays are left alone. Raises `DataError` for a missing or unfit array, `OSError` as
    `open` does.
    """
    wanted = [entry for entry in data if entry.kind == "input" or not inputs_only]
    members = _members(path, wanted)
    arrays: dict[str, NDArray[Any]] = {}
    labels: dict[str, tuple[str, ...]] = {}
    for entry in wanted:
        array, where = members[entry.name], f"{path}: array {entry.name!r}"
        _check_shape(where, entry, array)
        if not entry.integer:
            arrays[entry.name] = _numbers(where, entry, array, dtype)
            continue
        names = None if known is None else known.get(entry.name, ())
        if array.dtype.kind == "U":
            found, codes = np.unique(array, return_inverse=True)
            try:
                numbers, labels[entry.name] = numbered(entry, [*map(str, found)], names)
            except CellError as error:
                raise DataError(f"{where}: {error}") from None
            arrays[entry.name] = np.array(numbers, np.int64)[codes].reshape(array.shape)
        elif names:
            raise DataError(f"{where}: expected text labels, as in training, got {array.dtype}")
        else:
            arrays[entry.name] = _classes(where, entry, array)
    return arrays, labels


def _members(path: Path, wanted: Sequence[Data]) -> dict[str, NDArray[Any]]:
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.ESPIPE, "not a file; arrays are not read from a pipe", str(path))
    with path.open("rb") as file, unchanged(path, file):
        # A damaged file makes NumPy and zipfile raise whatever they come across: ValueError,
        # BadZipFile, zlib.error, TokenError, MemoryError, even OSError.
        try:
            content = np.load(file, allow_pickle=False)
        except Exception:
            raise DataError(f"{path}: expected arrays saved by NumPy, without pickles") from None
        if isinstance(content, np.ndarray):
            if len(wanted) != 1:
                raise DataError(
                    f"{path}: one array without a name, but the model takes "
                    f"{expected_text(wanted) or 'no data'}; "
                    "save them by name: np.savez('data.npz', " + _savez(wanted) + ")"
                )
            return {wanted[0].name: content}
        names = content.files
        if len(set(names)) != len(names):
            raise DataError(f"{path}: two arrays have the same name")
        missing = [entry for entry in wanted if entry.name not in names]
        came = ", ".join(map(repr, names)) or "none"
        if missing:
            raise DataError(
                f"{path}: no array {missing[0].name!r}; "
                f"expected {expected_text(wanted)}, got the arrays {came}"
            )
        arrays = {}
        for name in (entry.name for entry in wanted):
            try:
                arrays[name] = content[name]
            except Exception as error:
                told = f"array {name!r} cannot be read: {_damage(error)}"
                raise DataError(f"{path}: {told}") from None
            if not isinstance(arrays[name], np.ndarray):  # bytes, where NumPy's header is missing
                raise DataError(f"{path}: {name!r} is no array; expected arrays saved by NumPy")
        return arrays


def _damage(error: Exception) -> str:
    """Why an array cannot be read; NumPy's own words are often those of its parser."""
    if isinstance(error, MemoryError):
        return str(error) or "not enough memory"
    if str(error).startswith("Object arrays"):
        return "it holds Python objects, not numbers"
    return "it is damaged"


def _savez(wanted: Sequence[Data]) -> str:
    return ", ".join(f"{entry.name}={entry.name}" for entry in wanted)


def _check_shape(where: str, data: Data, array: NDArray[Any]) -> None:
    if unfit := unfit_text(data, array.shape):
        raise DataError(f"{where}: {unfit}")
    if array.size == 0:
        raise DataError(
            f"{where}: expected {type_text(data)} with at least one row, "
            f"got {shape_text(array.shape)}"
        )


def _numbers(where: str, data: Data, array: NDArray[Any], dtype: str) -> NDArray[Any]:
    if array.dtype.kind not in "biuf":
        raise DataError(f"{where}: expected numbers, {type_text(data)}, got {array.dtype}")
    with np.errstate(over="ignore"):
        numbers = np.ascontiguousarray(array, dtype=dtype).reshape(array.shape)
    finite = np.isfinite(numbers)
    if not finite.all():
        place = tuple(int(i) for i in np.argwhere(~finite)[0])
        value = array[place]
        reason = f" (too large for {dtype})" if np.isfinite(value) else ""
        raise DataError(
            f"{where}: expected finite numbers, got {value}{reason} at {shape_text(place)}"
        )
    return numbers


def _classes(where: str, data: Data, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind not in "biuf":
        raise DataError(f"{where}: expected integers, {type_text(data)}, got {array.dtype}")
    if array.dtype.kind == "f":
        array = _whole(where, array)
    limit = data.classes if data.classes is not None else 2**63
    bad = array > limit - 1
    if data.classes is not None and array.dtype.kind == "i":
        bad |= array < 0
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        hint = counted_from_one(limit, (int(array.min()), int(array.max())))
        raise DataError(
            f"{where}: expected a class from 0 to {limit - 1}, "
            f"got {int(array[place])} at {shape_text(place)}{hint}"
        )
    return np.ascontiguousarray(array, dtype=np.int64).reshape(array.shape)


def _whole(where: str, array: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers that stand in an array of floating-point numbers, as pandas keeps them."""
    with np.errstate(over="ignore"):
        numbers = array.astype(np.float64)
    bad = ~(np.abs(numbers) < EXACT) | (numbers != np.rint(numbers))
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        raise DataError(
            f"{where}: expected whole numbers, got {array[place]} at {shape_text(place)}"
        )
    return numbers.astype(np.int64)

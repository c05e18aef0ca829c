"""What the kernels and their twins take: well-formed arrays, sensible sizes."""

from __future__ import annotations

from operator import index
from typing import Any, NoReturn

import numpy as np

UNCERTAIN = 1
ABSENT = 255
LATEST = 2**62
"""Times are ns within ± this (146 years), so that the distance of two times fits in 64 bits."""

LARGEST = 2**31
"""A window holds fewer values of a column than this."""


def check_window(columns: Any, span: int, capacity: int) -> None:
    """Raise TypeError or ValueError unless a window can be made of these."""
    check_array("columns", columns, "int64", (None,))
    if not len(columns) or int(np.min(columns)) < 0:
        raise ValueError("columns must be one or more positions, each 0 or more")
    if not 0 <= index(span) < LATEST:
        raise ValueError(f"span must be 0 or more and below 2**62 ns, got {span}")
    if not 1 <= index(capacity) < LARGEST:
        raise ValueError(f"capacity must be 1 or more and below 2**31, got {capacity}")


def check_time(time: int) -> None:
    """Raise ValueError for a time that no clock gives, TypeError for what is no whole number of ns."""
    if not -LATEST < index(time) < LATEST:
        raise ValueError(f"time must be within ±2**62 ns, got {time}")


def check_poll(values: Any, qualities: Any, widest: int) -> None:
    """Raise TypeError or ValueError unless these are the values and qualities of a group with the column `widest`."""
    check_array("values", values, "float64", (None,))
    check_array("qualities", qualities, "uint8", (len(values),))
    if len(values) <= widest:
        raise ValueError(f"values has {len(values)} columns, the window needs column {widest}")


def check_row(row: int, rows: int) -> None:
    """Raise ValueError for a row that there is not, TypeError for what is no whole number."""
    if not 0 <= index(row) < rows:
        raise ValueError(f"row must be 0 or more and below {rows}, got {row}")


def check_rate(rate: float) -> None:
    """Raise ValueError for a rate at which nothing can be sampled."""
    if not 0 < rate < float("inf"):
        raise ValueError(f"rate must be a finite number of Hz above 0, got {rate}")


def check_array(name: str, array: Any, dtype: str, shape: tuple[int | None, ...], *, writable: bool = False) -> None:
    """Raise TypeError or ValueError unless `array` is contiguous and has this dtype and shape (None: any length)."""
    if not (
        isinstance(array, np.ndarray)
        and array.dtype == dtype
        and array.flags.c_contiguous
        and array.flags.aligned
        and array.ndim == len(shape)
        and all(expected in (None, found) for expected, found in zip(shape, array.shape, strict=True))
        and (array.flags.writeable or not writable)
    ):
        refuse(name, array, dtype, shape)


def refuse(name: str, array: Any, dtype: str, shape: tuple[int | None, ...]) -> NoReturn:
    """Raise TypeError for what is no array of this dtype, ValueError for one of a wrong shape or layout."""
    lengths = " x ".join("any" if length is None else str(length) for length in shape)
    expected = f"{name} must be a contiguous {dtype} array, {lengths} long"
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{expected}, got {type(array).__name__}")
    got = f"{array.dtype} of shape {array.shape}, strides {array.strides}"
    if array.dtype != dtype:
        raise TypeError(f"{expected}, got {got}")
    raise ValueError(f"{expected}, got {got}{'' if array.flags.writeable else ', read-only'}")

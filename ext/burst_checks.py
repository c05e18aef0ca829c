"""What Burst and its twin take."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from gatewayd_ext.checks import LARGEST, check_array


def check_length(n: int) -> None:
    """Raise ValueError for a length that no window has, TypeError for what is no whole number."""
    if not 1 <= index(n) < LARGEST:
        raise ValueError(f"n must be 1 or more and below 2**31, got {n}")


def check_burst(values: Any, out: Any, n: int, terms: int) -> None:
    """Raise TypeError or ValueError unless `values` are windows of n values and `out` has a row for each."""
    many = isinstance(values, np.ndarray) and values.ndim == 2
    rows: tuple[int | None, ...] = (None,) if many else ()
    single = isinstance(values, np.ndarray) and values.dtype == np.float32
    check_array("values", values, "float32" if single else "float64", (*rows, n))
    check_array("out", out, "float64", (*((len(values),) if many else ()), terms), writable=True)

"""NPZ and NPY files: every one-dimensional array is a column, a number called `rate` says how often."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewayd_plugins.file.recording import Numbers, Recording, RecordingError

RATES = ("rate", "fs", "sample_rate", "sampling_rate")


def read_npz(path: Path) -> Recording:
    """Raises RecordingError."""
    arrays = _arrays(path)
    columns = {name: _numbers(array) for name, array in arrays.items() if _is_column(array)}
    if not columns:
        raise RecordingError(path, "it holds no one-dimensional array of numbers")
    if len({len(column) for column in columns.values()}) > 1:
        lengths = ", ".join(f"{name} {len(column)}" for name, column in columns.items())
        raise RecordingError(path, f"its arrays differ in length: {lengths}")
    return Recording(columns, _rate(arrays))


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {path.stem: loaded}
        with loaded:
            return {name: loaded[name] for name in loaded.files}
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise RecordingError(path, f"NumPy cannot read it ({error})") from error


def _is_column(array: NDArray[Any]) -> bool:
    return array.dtype.kind in "iuf" and array.size > 1 and array.size == max(array.shape, default=0)


def _numbers(array: NDArray[Any]) -> Numbers:
    if array.dtype == np.float32:
        return np.ascontiguousarray(array.ravel(), dtype=np.float32)
    return np.ascontiguousarray(array.ravel(), dtype=np.float64)


def _rate(arrays: Mapping[str, NDArray[Any]]) -> float | None:
    """The value of the first array of such a name that is a positive number."""
    found = (arrays[name] for name in RATES if name in arrays and arrays[name].size == 1)
    values = (float(array.ravel()[0]) for array in found if array.dtype.kind in "iuf")
    return next((value for value in values if 0 < value < np.inf), None)

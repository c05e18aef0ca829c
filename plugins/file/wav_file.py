"""WAV files: PCM of 8 to 32 bits and floats, scaled to -1 .. 1; the `wave` module of Python 3.11 knows no floats."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewayd_plugins.file.recording import Numbers, Recording, RecordingError

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE


def read_wav(path: Path) -> Recording:
    """Its channels as columns `1`, `2` ... Raises RecordingError."""
    chunks = _chunks(path, path.read_bytes())
    if len(chunks.get(b"fmt ", b"")) < 16 or b"data" not in chunks:
        raise RecordingError(path, "the WAV file has no format or no data")
    layout = chunks[b"fmt "]
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", layout)
    if code == EXTENSIBLE and len(layout) >= 26:
        code = struct.unpack_from("<H", layout, 24)[0]
    if not (
        channels and rate and (code, bits) in {(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)}
    ):
        raise RecordingError(path, f"WAV data of format {code} with {bits} bits cannot be read; convert it to PCM")
    whole = len(chunks[b"data"]) // (channels * bits // 8) * (channels * bits // 8)
    values = _decoded(chunks[b"data"][:whole], code, bits).reshape(-1, channels)
    if not len(values):
        raise RecordingError(path, "the WAV file is empty")
    columns: dict[str, Numbers] = {str(n + 1): values[:, n].copy() for n in range(channels)}
    return Recording(columns, float(rate))


def _chunks(path: Path, data: bytes) -> dict[bytes, bytes]:
    """The first chunk of each name; a recorder that lost power leaves the last one shorter than it says."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise RecordingError(path, "it is not a WAV file")
    chunks: dict[bytes, bytes] = {}
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        chunks.setdefault(name, data[place + 8 : place + 8 + size])
        place += 8 + size + size % 2
    return chunks


def _decoded(data: bytes, code: int, bits: int) -> Numbers:
    if code == FLOAT and bits == 32:
        return np.frombuffer(data, "<f4").astype(np.float32)
    if code == FLOAT:
        return np.frombuffer(data, "<f8").astype(np.float64)
    if bits == 8:
        return np.frombuffer(data, np.uint8).astype(np.float32) / np.float32(128) - np.float32(1)
    if bits == 24:
        shifted = np.zeros((len(data) // 3, 4), dtype=np.uint8)
        shifted[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        return shifted.view(np.dtype("<i4")).ravel() / 2.0**31
    integers: NDArray[np.integer[Any]] = np.frombuffer(data, f"<i{bits // 8}")
    return integers / 2.0 ** (bits - 1)

"""The saved form of a window: the same bytes from the kernel and from its twin, and nothing else is taken back."""

from __future__ import annotations

import zlib
from typing import NamedTuple

import numpy as np

from gatewayd_ext.checks import LATEST

SAMPLE = np.dtype([("time", "<i8"), ("value", "<f8")])
"""A value and when it was read, in ns. NaN keeps the place of a value that was bad."""

_MAGIC = b"gwwindow"
_VERSION = 1
_CHECKSUM = 4


class RingShape(NamedTuple):
    """What a state must agree with to be taken back."""

    columns: tuple[int, ...]
    span: int
    capacity: int

    def header(self) -> bytes:
        """What the state of such a ring begins with."""
        numbers = [_VERSION, self.span, self.capacity, len(self.columns), *self.columns]
        return _MAGIC + np.array(numbers, dtype="<i8").tobytes()


def sealed(body: bytes) -> bytes:
    """With a checksum behind it."""
    return body + zlib.crc32(body).to_bytes(_CHECKSUM, "little")


def unsealed(header: bytes, data: bytes, otherwise: str) -> bytes:
    """What follows the header in sealed data. Raises ValueError for damage, and (`otherwise`) for another header."""
    body, checksum = data[:-_CHECKSUM], data[-_CHECKSUM:]
    if zlib.crc32(body).to_bytes(_CHECKSUM, "little") != checksum:
        raise ValueError(f"the saved window is damaged: {len(data)} bytes do not match their checksum")
    if not body.startswith(header):
        raise ValueError(otherwise)
    return body[len(header) :]


def pack(shape: RingShape, counts: bytes, samples: bytes) -> bytes:
    """The state of a ring: `counts` int64[columns], `samples` SAMPLE[sum of counts], by column, oldest first."""
    return sealed(shape.header() + counts + samples)


def unpack(shape: RingShape, data: bytes) -> tuple[bytes, bytes]:
    """The counts and samples that `pack` was given. Raises ValueError for damaged data and those of another ring."""
    body = unsealed(shape.header(), data, f"the saved window is not one of {shape}")
    start = 8 * len(shape.columns)
    counts, samples = body[:start], body[start:]
    _check_counts(shape, counts, samples)
    check_samples(samples)
    return counts, samples


def _check_counts(shape: RingShape, counts: bytes, samples: bytes) -> None:
    if len(counts) != 8 * len(shape.columns):
        raise ValueError("the saved window ends before its counts")
    numbers = np.frombuffer(counts, dtype="<i8")
    if numbers.min() < 0 or numbers.max() > shape.capacity:
        raise ValueError(
            f"the saved window has columns of {numbers.tolist()} values; each has room for {shape.capacity}"
        )
    if len(samples) != SAMPLE.itemsize * sum(numbers.tolist()):
        raise ValueError("the saved window is longer or shorter than its counts say")


def check_samples(samples: bytes) -> None:
    """Raise ValueError for values or times that no window takes."""
    ring = np.frombuffer(samples, dtype=SAMPLE)
    if np.isinf(ring["value"]).any():
        raise ValueError("the saved window holds infinite values")
    if not ((ring["time"] > -LATEST) & (ring["time"] < LATEST)).all():
        raise ValueError("the saved window holds times that no clock gives")

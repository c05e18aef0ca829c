"""Frames: some entries together as compressed bytes with a checksum, so that a reader knows what is whole.

A frame is three little-endian 32-bit numbers (its compressed length, its plain length, the CRC-32 of both and of what
follows) and then the compressed entries: a msgpack array.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import IO

import msgspec

from gatewayd.recorder.entries import Note, Stored

NAME = b"GWREC"
MAGIC = NAME + b"\x01\r\n"
"""What each segment begins with: the number is the version of frames and heading, `entries.FORM` that of the rest."""
LARGEST = 1 << 28
"""Bytes that the entries of a frame may have, plain or compressed."""

_HEAD = struct.Struct("<III")
_decoder = msgspec.msgpack.Decoder(list[Stored])
_encoder = msgspec.msgpack.Encoder()


class TornError(Exception):
    """Here is no whole frame."""


def frame_of(entries: Sequence[Note]) -> bytes:
    """Some entries as a frame."""
    plain = _encoder.encode(entries)
    packed = zlib.compress(plain, 1)
    return _HEAD.pack(len(packed), len(plain), _checksum(len(packed), len(plain), packed)) + packed


def begin_segment(file: IO[bytes]) -> None:
    """Read what stands before the first frame. Raises TornError."""
    begins = file.read(len(MAGIC))
    if begins == MAGIC:
        return
    if begins[: len(NAME)] == NAME and begins[-2:] == MAGIC[-2:]:
        raise TornError("another version of gatewayd wrote it")
    raise TornError("it does not begin like a segment")


def next_frame(file: IO[bytes]) -> list[Stored] | None:
    """The entries of the next frame; None at the end. Raises TornError."""
    head = file.read(_HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise TornError("it ends within the head of a frame")
    length, plain_length, checksum = _HEAD.unpack(head)
    if max(length, plain_length) > LARGEST:
        raise TornError("a frame is too large")
    packed = file.read(length)
    if len(packed) < length or checksum != _checksum(length, plain_length, packed):
        raise TornError("a frame is not whole")
    try:
        return _decoder.decode(zlib.decompressobj().decompress(packed, plain_length))
    except (zlib.error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise TornError(f"a frame is none of ours ({error})") from error


def _checksum(length: int, plain_length: int, packed: bytes) -> int:
    return zlib.crc32(packed, zlib.crc32(struct.pack("<II", length, plain_length)))

"""Memory: what was learned of a device, as bytes that outlive a restart, and read again with care.

Times are kept as whole hours from then on: how long the gateway was off is not known. All is kept so coarsely that it
is seldom another, for each time that it is, it is written to the disk.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated

import msgspec

from gatewayd_plugins.modbus.fields.registers import ADDRESSES, Table
from gatewayd_plugins.modbus.learning.experience import DAY, Bound, Experience, Finding
from gatewayd_plugins.modbus.learning.silence import Patience
from gatewayd_plugins.modbus.planning.requests import BITS_PER_REGISTER, MOST_REGISTERS, Request

VERSION = 1
HOUR = 3600.0
MOST_FINDINGS = 1000
"""So that it stays below the 64 KiB that gatewayd keeps."""

Seconds = Annotated[float, msgspec.Meta(ge=0, le=DAY)]
Count = Annotated[int, msgspec.Meta(ge=1, le=MOST_REGISTERS * BITS_PER_REGISTER)]
Code = Annotated[int, msgspec.Meta(ge=0, le=255)]


class Place(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """What is refused, with which exception code, for how long that was believed, and for how long it will be."""

    table: Table
    address: Annotated[int, msgspec.Meta(ge=0, lt=ADDRESSES)]
    count: Count
    code: Code
    wait: Seconds
    left: Seconds


class Length(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """The longest request of a table, and for how long that will be believed."""

    table: Table
    count: Count
    left: Seconds


class Remembered(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """All that is remembered of a device."""

    version: Annotated[int, msgspec.Meta(ge=VERSION, le=VERSION)]
    slowest: Annotated[float, msgspec.Meta(ge=0, le=60)]
    values: list[Place]
    holes: list[Place]
    lengths: list[Length]


def remembered(experience: Experience, patience: Patience, now: float) -> bytes:
    """The bytes; empty when nothing was learned."""
    if not (patience.slowest or experience.values or experience.fades):
        return b""
    return msgspec.msgpack.encode(
        Remembered(
            VERSION,
            _coarse(patience.slowest),
            list(_places(experience.values, now)),
            list(_places(experience.holes, now)),
            [Length(table, each.count, _left(each.until, now)) for table, each in experience.bounds.items()],
        )
    )


def recall(bytes_: bytes, experience: Experience, patience: Patience, now: float) -> None:
    """Take up what was remembered. What is not as `remembered` makes it is passed over."""
    try:
        found = msgspec.msgpack.decode(bytes_, type=Remembered)
    except ValueError:  # of msgspec, or for a text that is no UTF-8
        return
    patience.slowest = found.slowest
    experience.values.update(_findings(found.values, now))
    experience.holes.update(_findings(found.holes, now))
    experience.bounds.update((each.table, Bound(each.count, now, now + each.left)) for each in found.lengths)
    experience.version += 1


def _places(findings: dict[Request, Finding], now: float) -> Iterator[Place]:
    for what, each in list(findings.items())[:MOST_FINDINGS]:
        yield Place(what.table, what.address, what.count, each.code, min(each.wait, DAY), _left(each.until, now))


def _findings(places: list[Place], now: float) -> Iterator[tuple[Request, Finding]]:
    for each in places:
        yield Request(each.table, each.address, each.count), Finding(each.code, now, each.wait, now + each.left)


def _left(until: float, now: float) -> float:
    """Seconds until then, to the nearest hour."""
    return round(min(max(until - now, 0.0), DAY) / HOUR) * HOUR


def _coarse(seconds: float) -> float:
    """The next power of two that is not less, within a minute."""
    return min(2.0 ** math.ceil(math.log2(seconds)), 60.0) if seconds > 0 else 0.0

"""Options of GATT: characteristics that hold numbers, and bursts of many notifications, as they are written."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gatewayd.plugin import Duration
from gatewayd_plugins.ble.numbers.number import LONGEST_VALUE, NumberOptions
from gatewayd_plugins.ble.numbers.types import ByteOrder, NumberType

TEN_SECONDS = Duration(10)
MOST_VALUES = 1_000_000

Uuid = Annotated[str, Meta(examples=["2a19"])]


@dataclass(kw_only=True)
class CharacteristicOptions(NumberOptions):
    """One channel's table: a number that a characteristic holds.

    `uuid` is the characteristic's, by its four digits or in full. It is read at each poll (every `interval`); with
    `notify` it is sent by the device, and each value has the time at which it came.
    """

    uuid: Uuid
    notify: bool = False
    interval: Duration | None = None


@dataclass
class CounterOptions:
    """Where in each packet a whole number lies that counts something."""

    at: Annotated[int, Meta(ge=0, lt=LONGEST_VALUE)]
    type: NumberType = NumberType.UINT8
    byte_order: ByteOrder = "little"


class Counted(enum.StrEnum):
    """What the index of a packet counts from the begin of its burst on."""

    PACKETS = "packets"
    VALUES = "values"
    BYTES = "bytes"


@dataclass
class StartOptions:
    """What is written to ask the device for a burst: the bytes of `value`, as hexadecimal digits."""

    uuid: Uuid
    value: Annotated[str, Meta(examples=["01"])]


@dataclass(kw_only=True)
class BurstOptions(NumberOptions):
    """One waveform's table: `count` values at `rate` Hz that a characteristic sends in many notifications (packets).

    The values begin `at` in each packet; with a `step` of 3 every third one is this channel's. `index` is where the
    place of the packet in its burst stands, counting what `counts` says from `first` on; `burst` is where a number
    stands that each burst has one of. Without an index packets are taken as they come, and none can be missed.
    `start` is written at each poll to ask for a burst; without it the device sends them by itself. What is not whole
    within `timeout` is given with a gap.
    """

    uuid: Uuid
    count: Annotated[int, Meta(ge=2, le=MOST_VALUES)]
    rate: float
    type: NumberType = NumberType.INT16
    step: Annotated[int, Meta(ge=1, le=64)] = 1
    index: CounterOptions | None = None
    counts: Counted = Counted.PACKETS
    first: Annotated[int, Meta(ge=0)] = 0
    burst: CounterOptions | None = None
    start: StartOptions | None = None
    timeout: Duration = TEN_SECONDS
    interval: Duration | None = None
